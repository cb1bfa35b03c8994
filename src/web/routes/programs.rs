//! The lines that programs call, each with what it takes and gives.

use domain::office::Role::{AcceptanceOfficer, InstitutionClerk};

use super::{Table, Who};
use crate::web::{
    api::{
        self, document,
        office::{PageAsked, cases, commands, exams, lists},
        public,
        told::Told,
    },
    feeds, track,
};

const CLERK: Who = Who::Key(&[InstitutionClerk]);
const DESK: Who = Who::Key(&[AcceptanceOfficer]);
const BOTH: Who = Who::Key(&[InstitutionClerk, AcceptanceOfficer]);

impl Table {
    /// What the line before takes and gives, when it is a call that a captcha or a key of the query pays for.
    fn paid(self, told: Told) -> Self {
        self.told(Told {
            public: true,
            ..told
        })
    }

    /// Everything below `/api`.
    pub(super) fn programs(self) -> Self {
        self.get("/api", Who::Public, document::page)
            .get("/api/v1/openapi.json", Who::Program, document::give)
            .told(Told::new("describe").gives::<public::Document>())
            .anybody()
            .office_exams()
            .office_cases()
    }

    /// Without an office's key.
    fn anybody(self) -> Self {
        use Who::Program;
        use api::{captcha, estimate, inquiry, query};
        self.get("/api/v1/feeds", Program, feeds::give)
            .told(Told::new("feeds").gives::<public::Feeds>())
            .get("/api/v1/estimate", Program, estimate::give)
            .told(
                Told::new("estimate")
                    .asks::<public::EstimateAsked>()
                    .gives::<public::Estimate>(),
            )
            .get("/api/v1/track-record", Program, track::give)
            .told(Told::new("track_record").gives::<public::TrackRecord>())
            .get("/api/v1/captcha", Program, captcha::give)
            .told(Told::new("captcha").gives::<public::Captcha>())
            .post("/api/v1/query", Program, query::ask)
            .paid(
                Told::new("query")
                    .takes::<public::Question>()
                    .gives::<public::Verdict>(),
            )
            .post("/api/v1/inquiry", Program, inquiry::ask)
            .paid(
                Told::new("ask_inquiry")
                    .takes::<public::InquirySent>()
                    .makes::<public::Asked>(),
            )
            .post("/api/v1/inquiry/status", Program, inquiry::status)
            .told(
                Told::new("inquiry_status")
                    .takes::<public::StatusAsked>()
                    .gives::<public::Status>(),
            )
            .post("/api/v1/inquiry/again", Program, inquiry::again)
            .told(
                Told::new("ask_back")
                    .takes::<public::AgainSent>()
                    .gives::<public::Status>(),
            )
    }

    /// Sessions of an office's program.
    fn office_exams(self) -> Self {
        self.get("/api/v1/key", BOTH, lists::own_key)
            .told(Told::new("own_key").gives::<lists::KeyTold>())
            .get("/api/v1/sessions", BOTH, exams::list)
            .told(
                Told::new("list_sessions")
                    .asks::<PageAsked>()
                    .gives::<exams::SessionsTold>(),
            )
            .post("/api/v1/sessions", CLERK, exams::plan)
            .told(
                Told::new("plan_session")
                    .takes::<exams::PlanSent>()
                    .makes::<exams::Plans>(),
            )
            .get("/api/v1/sessions/{id}", BOTH, exams::show)
            .told(Told::new("show_session").gives::<exams::SessionFileTold>())
            .post("/api/v1/sessions/{id}/candidates", CLERK, exams::enrol)
            .told(
                Told::new("enrol")
                    .takes::<exams::CandidatesSent>()
                    .gives::<exams::EnrolledAll>(),
            )
            .post("/api/v1/sessions/{id}/theory", CLERK, exams::theory)
            .told(
                Told::new("take_theory")
                    .takes::<exams::ScoresSent>()
                    .gives::<exams::ScoredAll>(),
            )
    }

    /// Cases and what else an office's program reads.
    fn office_cases(self) -> Self {
        self.get("/api/v1/cases", BOTH, cases::list)
            .told(
                Told::new("list_cases")
                    .asks::<cases::CasesAsked>()
                    .gives::<cases::CasesPage>(),
            )
            .get("/api/v1/cases/{id}", BOTH, cases::show)
            .told(Told::new("show_case").gives::<cases::CaseFileTold>())
            .post("/api/v1/cases/commands", BOTH, commands::act)
            .told(
                Told::new("command")
                    .takes::<commands::CommandSent>()
                    .gives::<commands::DoneAll>(),
            )
            .post(
                "/api/v1/cases/{id}/materials",
                CLERK,
                commands::put_material,
            )
            .told(
                Told::new("put_material")
                    .takes::<commands::MaterialSent>()
                    .makes::<commands::MaterialKept>(),
            )
            .get("/api/v1/certificates", DESK, lists::certificates)
            .told(
                Told::new("list_certificates")
                    .asks::<PageAsked>()
                    .gives::<lists::CertificatesPage>(),
            )
            .get("/api/v1/tasks", BOTH, lists::tasks)
            .told(
                Told::new("list_tasks")
                    .asks::<PageAsked>()
                    .gives::<lists::TasksTold>(),
            )
            .get("/api/v1/tasks/{id}", BOTH, lists::task)
            .told(Told::new("show_task").gives::<lists::TaskTold>())
    }
}

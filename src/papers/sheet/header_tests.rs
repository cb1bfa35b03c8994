use super::*;

fn row(words: &[&str]) -> Vec<Cell> {
    words
        .iter()
        .map(|w| {
            if w.is_empty() {
                Cell::Empty
            } else {
                Cell::Text((*w).into())
            }
        })
        .collect()
}

#[test]
fn headers_as_offices_write_them() {
    for (written, wanted) in [
        ("姓 名", Column::Name),
        ("*姓名（必填）", Column::Name),
        ("姓名/Name", Column::Name),
        ("身份证\n号码", Column::DocNumber),
        ("公民身份号码", Column::DocNumber),
        ("证件类型【必选】", Column::DocType),
        ("准操项目：", Column::Item),
        ("业务类型", Column::Kind),
        ("考核日期(yyyy-mm-dd)", Column::ExamDate),
        ("理论", Column::Theory),
        ("理论考试成绩（分）", Column::Theory),
        ("实际操作成绩", Column::Practical),
        ("操作技能 成绩", Column::Practical),
        ("准考证号", Column::Ticket),
        ("考生性别", Column::Sex),
        ("身份证号/证件号码", Column::DocNumber),
        ("作业类别/操作项目", Column::Item),
        ("3、证件类型", Column::DocType),
        ("doc_number", Column::DocNumber),
        ("人员类型（资格）", Column::Role),
        ("所属 行业", Column::Industry),
        ("*单位类型", Column::UnitType),
        ("工作单位", Column::Employer),
    ] {
        assert_eq!(
            recognise(&Cell::Text(written.into())).map(|r| r.0),
            Some(wanted),
            "{written}"
        );
    }
    for written in [
        "作业类别",
        "备注",
        "手机号码",
        "",
        "1",
        "理论/实操",
        "姓名、性别",
    ] {
        assert_eq!(recognise(&Cell::Text(written.into())), None, "{written}");
    }
}

#[test]
fn a_header_of_two_lines_and_what_is_missing() {
    let mut search = Search::default();
    assert!(search.look_at(&row(&["某某培训中心成绩表"])).is_none());
    assert!(
        search
            .look_at(&row(&[
                "姓名",
                "身份证号",
                "准操项目",
                "类型",
                "考试日期",
                "成绩"
            ]))
            .is_none()
    );
    assert_eq!(search.missing(), [Column::Theory]);
    let found = search.look_at(&row(&["", "", "", "", "", "理论", "实操"]));
    assert_eq!(found.map(|h| h.columns.len()), Some(7));
    let mut search = Search::default();
    let label = ["考试项目", "压力焊", "考试日期", "2026-11-12"];
    assert!(search.look_at(&row(&label)).is_none());
    let head = ["序号", "姓名", "身份证号", "类型", "理论"];
    assert!(search.look_at(&row(&head)).is_none());
    assert_eq!(search.missing(), [Column::Item, Column::ExamDate]);
}

#[test]
fn totals_and_notes_are_nobody() {
    let mut search = Search::default();
    let head = [
        "序号",
        "姓名",
        "身份证号",
        "准操项目",
        "类型",
        "考试日期",
        "理论",
    ];
    let Some(header) = search.look_at(&row(&head)) else {
        panic!("a header")
    };
    for words in [
        vec!["合 计：", "148"],
        vec!["", "总计", "", "", "", "", "812"],
        vec!["【合计】", "8"],
        vec!["", "共8人"],
        vec!["及格率", "", "", "", "", "", "87.5%"],
        vec!["制表人：", "李四", "审核人：王五"],
        vec!["制表人：", "李四", "", "监考员：", "王五", "日期：", "66"],
        vec!["", "主考", "", "负责人签字", "", "2026-11-12"],
        vec!["", "男：5人", "女：3人"],
        vec!["经办人", "", "13900000000"],
        vec!["", "注：成绩 80 分以上为合格。"],
        vec!["", "——以下空白——"],
        vec!["", "以上成绩属实"],
        vec!["", "", "", "", "", "", "2026年11月12日"],
        vec!["", "", "", "", "", "", "（分）"],
        vec!["7"],
        vec![],
    ] {
        assert_eq!(header.role(&row(&words)), Role::Other, "{words:?}");
    }
    assert_eq!(header.role(&row(&head)), Role::Header);
    assert!(matches!(
        header.role(&row(&["1", "张三"])),
        Role::Candidate(_)
    ));
    assert!(matches!(
        header.role(&row(&["1", "", "", "", "", "", "65"])),
        Role::Candidate(_)
    ));
    for words in [
        vec!["合计", "张三", "11010519491231002X"],
        vec!["负责人", "张三", "", "压力焊", "初领", "2026-11-12"],
        vec!["备注：", "", "110105", "压力焊", "初领", "2026-11-12"],
        vec!["", "张三"],
        vec!["", "", "110105"],
    ] {
        let role = header.role(&row(&words));
        assert!(matches!(role, Role::Candidate(_)), "{words:?}");
    }
}

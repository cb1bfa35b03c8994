use super::*;

#[test]
fn fifty_four_items_in_ten_groups() {
    let all = Catalogue::shipped();
    let special = all
        .items
        .iter()
        .filter(|i| i.category == Category::SpecialOperation);
    assert_eq!(special.count(), 54);
    let management = all
        .items
        .iter()
        .filter(|i| i.category == Category::SafetyManagement);
    assert_eq!(management.count(), 2);
    for item in &all.items {
        assert_eq!(all.find(&item.name), Some(item));
        let short = item.name.strip_suffix("作业").unwrap_or(&item.name);
        assert_eq!(all.find(short), Some(item), "{short}");
        assert_eq!(all.item(&item.code), Some(item));
    }
}

#[test]
fn spelling_does_not_matter_and_trade_names_do() {
    let all = Catalogue::shipped();
    let code = |name: &str| all.find(name).map(|i| i.code.as_str().to_string());
    for (name, wanted) in [
        ("煤矿采煤机(掘进机)操作作业", Some("5.7")),
        ("煤矿采煤机 （掘进机） 操作", Some("5.7")),
        ("裂解【裂化】工艺作业", Some("9.6")),
        ("高处安装，维护，拆除作业", Some("3.2")),
        ("\u{3000}压力焊作业 ", Some("2.2")),
        ("继电保护", Some("1.5")),
        ("焊工", None),
        ("焊接与热切割作业", None),
        ("作业", None),
        ("", None),
    ] {
        assert_eq!(code(name).as_deref(), wanted, "{name}");
    }
}

#[test]
fn candidates_for_what_people_write() {
    let all = Catalogue::shipped();
    let codes = |name: &str| -> Vec<String> {
        all.candidates(name)
            .iter()
            .map(|i| i.code.as_str().to_string())
            .collect()
    };
    assert_eq!(codes("焊工"), ["2.1", "2.2", "2.3"]);
    assert_eq!(codes("架子工"), ["3.1"]);
    assert_eq!(codes("烟花爆竹安全作业").len(), 5);
    assert_eq!(codes("氯碱电解槽").first().map(String::as_str), Some("9.2"));
    assert!(codes("厨师").is_empty());
}

#[test]
fn another_version_is_read_or_refused_with_the_place() {
    let good = r#"{"version":"T1","groups":[{"number":"1","name":"甲","category":"special_operation",
            "items":[{"code":"1.1","name":"甲一作业"}]}]}"#;
    assert_eq!(Catalogue::parse(good).map(|c| c.items.len()), Ok(1));
    let place = |json: &str| Catalogue::parse(json).map_err(|e| e.place).err();
    let twice = good.replace("]}]}", r#",{"code":"1.1","name":"乙"}]}]}"#);
    assert_eq!(place(&twice).as_deref(), Some("groups[0].items[1].code"));
    let empty = good.replace("甲一作业", " ");
    assert_eq!(place(&empty).as_deref(), Some("groups[0].items[0].name"));
    assert_eq!(place("{").as_deref(), Some("line 1 column 1"));
    assert!(place(&good.replace("\"items\"", "\"itmes\"")).is_some());
}

//! Tests the examples of TDLib's own tests, and that no text causes a failure.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use secretchat::EntityKind::{Bold, Code, CustomEmoji, Email, Hashtag, Italic, Mention, Pre, TextUrl, Url};
use secretchat::{Entity, EntityKind};

use crate::{find, parse, write};

/// Checks that exactly the texts between `⟦` and `⟧` are found as this kind.
fn check(kind: &EntityKind, marked: &str) {
    let text = marked.replace(['⟦', '⟧'], "");
    let mut found = String::new();
    let mut rest = 0;
    for entity in find(&text, Vec::new()).iter().filter(|entity| entity.kind == *kind) {
        let range = entity.range(&text).unwrap();
        found = format!("{found}{}⟦{}⟧", &text[rest..range.start], &text[range.clone()]);
        rest = range.end;
    }
    assert_eq!(found + &text[rest..], marked, "{kind:?}");
}

// The values of the four tables that follow are those of test/message_entities.cpp of TDLib 1.8.

#[test]
fn mentions() {
    for marked in [
        "⟦@mention⟧",
        " ⟦@mention⟧ ",
        "@abc @xyz @abc @xyz @xxx@yyy @ttt",
        "⟦@abcde⟧ ⟦@xyzxy⟧ ⟦@abcde⟧ ⟦@xyzxy⟧ ⟦@xxxxx⟧@yyyyy ⟦@ttttt⟧",
        "no@mention",
        "@n",
        "⟦@abcdefghijklmnopqrstuvwxyz123456⟧",
        "@abcdefghijklmnopqrstuvwxyz1234567",
        "нет@mention",
        "@ya ⟦@gif⟧ ⟦@wiki⟧ ⟦@vid⟧ ⟦@bing⟧ ⟦@pic⟧ ⟦@bold⟧ ⟦@imdb⟧ ⟦@ImDb⟧ ⟦@coub⟧ ⟦@like⟧ ⟦@vote⟧ ⟦@giff⟧",
        "@cap ya cap @y @yar ⟦@bingg⟧ @bin",
    ] {
        check(&Mention, marked);
    }
}

#[test]
fn hashtags() {
    for marked in ["#", "##", "###", "⟦#a⟧", " ⟦#a⟧", "⟦#a⟧ ", " ⟦#я⟧ ", " я#a ", " #a# ", " #123 ", " ⟦#123a⟧ "]
    {
        check(&Hashtag, marked);
    }
    for marked in [" ⟦#a123⟧ ", " #123a# ", "#a#b ⟦#c⟧ ⟦#d⟧", "⟦#te·st⟧", "⟦#a⟧™", "⟦#a⟧൹", "⟦#aඁං෴ก⟧฿"]
    {
        check(&Hashtag, marked);
    }
    let owner = "abcdefghijabcdefghijabcdefghijab"; // 32 characters
    for owned in ["⟦#test⟧", "⟦#test⟧@", "⟦#test⟧@a", "⟦#test⟧@ab", "⟦#test@abc⟧", "⟦#test⟧@a-c"]
    {
        check(&Hashtag, owned);
    }
    check(&Hashtag, &format!("⟦#test@{owner}⟧"));
    check(&Hashtag, &format!("⟦#test@{owner}⟧c"));
    let ones = "1".repeat(255);
    for marked in [
        format!(" #{ones}{ones}"),
        format!(" #{ones}1"),
        format!(" #{ones}1a "),
        format!(" ⟦#{ones}a⟧"),
        format!(" ⟦#{ones}Я⟧"),
        format!(" #{ones}a{}# ", "b".repeat(255)),
        format!("😄😄😄😄 😄😄😄⟦#{}ООО{}⟧{}", "1".repeat(200), "2".repeat(53), "2".repeat(147)),
    ] {
        check(&Hashtag, &marked);
    }
}

#[test]
fn links() {
    for marked in [
        "⟦telegram.org⟧",
        "(⟦telegram.org⟧)",
        "\n⟦telegram.org⟧)",
        ".telegram.org)",
        "()⟦telegram.org/?q=()⟧",
        " telegram. org. www. com... ⟦telegram.org⟧... ...google.com...",
        "Такой сайт: ⟦http://www.google.com⟧ или такой ⟦telegram.org⟧ ",
        "http://google,.com",
        "⟦http://telegram.org/?asd=123#123⟧.",
        "[⟦http://google.com⟧](test)",
        "⟦http://test@google.com⟧",
        "⟦google.com⟧:᪉᪉᪉᪉᪉",
        "⟦ftp://telegram.org⟧",
        "ftps://telegram.org",
        "sftp://telegram.org",
        "⟦tonsite://telegram.ton⟧",
        "⟦telegram.ton⟧",
        "⟦telegram.onion⟧",
        "telegram.tonsite",
        "⟦hTtPs://telegram.org⟧",
        "а⟦HTTP://telegram.org⟧",
        "sHTTP://telegram.org",
        "://telegram.org",
        "URL:     .com",
        ",a⟦http://google.com⟧",
        "http://1.0",
        "http://a.a",
        "⟦google.com:1#ab⟧ c",
        "⟦google.com:1⟧#",
        "⟦google.com:00000001/abs⟧",
        "⟦google.com⟧:000000065536/abs",
        "⟦google.com⟧:0/abs",
        "⟦google.com⟧:/abs",
        "⟦google.com:65535⟧",
        "⟦google.com⟧:65536",
        "127.001",
        "⟦127.0.0.1⟧",
        "127.0.0.01",
        "127.0.0.256",
        "⟦www.🤙.tk⟧",
        "a.ab",
        "⟦ТеСт.МоСкВа⟧",
        "ТеСт.МоСкВач",
        "⟦http://ÀТеСт.МоСкВач⟧",
        "⟦ÀÁ.com⟧,⟦ÀÁ.com⟧.",
        "⟦http://test.google.com/?q=abc()⟧}[]def",
        "⟦http://test.google.com/?q=abc([{)]}def⟧",
        "http://test-.google.com",
        "http://google_.com",
        "_test.com",
        "⟦http://google.com⟧?",
        "⟦https://www.google.com/ab⟧,",
        "dffdg,\" 12)(⟦cpia.de/()⟧)(\" ⟦http://гришка.рф/⟧ sdufhdf ⟦http://xn--80afpi2a3c.xn--p1ai/⟧",
        "go#ogle.com ⟦гришка.рф⟧ hsighsdf gi ⟦почта.рф⟧\n\n⟦✪df.ws/123⟧",
        "(Something like ⟦http://foo.com/blah_blah_(Стакан_007)⟧)\n<⟦http://foo.com/blah_blah⟧>",
        "rdar://1234 x-yojimbo-item://6303E4C1-xxxx-45A6-AB9D-3A908F59AE0E",
        "⟦http://userid:password@example.com:8080⟧\n⟦http://➡️.ws/䨹⟧\n<tag>⟦http://example.com⟧</tag>",
        "http://\u{2009}\u{2009}.com",
        "('⟦http://telegram.org/a-b/?br=ie&lang=en⟧',)",
        "⟦https://ai.telegram.org/bot%20bot/test-⟧...",
        "⟦https://a.de/bc@c.com⟧",
        "⟦https://a.bcde.fg@c.com⟧",
        "@views.py #views.py /views.py .views.py '⟦views.py⟧'",
        "//AB.C.D.E.F.GH//",
        "⟦http://test.com#a⟧",
        "⟦https://t.me/abcdef⟧…",
        "⟦https://t.me⟧…",
        "https://t.m…",
        "👉⟦http://ab.com/cdefgh-1IJ⟧",
        "⟦http://google.com/⟧‖",
    ] {
        check(&Url, marked);
    }
    // Links that open Telegram. A port or a dot after the name is not part of the link.
    for marked in
        ["tg://", "tg:test", "s⟦tg://a⟧", "⟦tg://test/?asd⟧", "⟦tg://test/⟧?", "⟦ton://resolve⟧ ⟦tg://resolve⟧"]
    {
        check(&Url, marked);
    }
}

#[test]
fn email_addresses() {
    for marked in [
        "⟦security@telegram.org⟧",
        "⟦a.bc@c.com⟧",
        "Look mailto:⟦test@example.com⟧",
        "https://de[⟦bc@c.com⟧",
        "https://de{⟦bc@c.com⟧",
        "https://de`⟦bc@c.com⟧",
        "https://de/bc@c.com",
        "⟦a@b.com⟧:c@1",
        "a@b@c.com",
        "a:b?@gmail.com",
        "bbbbbbbbbbbbbb.@.@",
        "⟦test@test.software⟧",
        "@",
    ] {
        check(&Email, marked);
    }
    // If it were cut from a word, it would be the address of somebody else.
    check(&Email, "почтаa@telegram.org");
}

/// The end of a link must not hide where it leads.
#[test]
fn what_turns_a_text_ends_a_link() {
    for control in
        ['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{3000}', '\u{a0}', '»']
    {
        check(&Url, &format!("⟦http://example.com/a⟧{control}moc.evil"));
        check(&Url, &format!("⟦example.com⟧{control}/moc"));
    }
}

#[test]
fn places_are_utf16_code_units() {
    let text = "😀 #é @nobody 😀http://example.com/😀";
    let expected = [(Hashtag, 3, 2), (Mention, 6, 7), (Url, 16, 21)];
    assert_eq!(find(text, vec![]), expected.map(|(kind, offset, length)| Entity::new(kind, offset, length)));
}

/// The first of several overlapping entities stays: a name or a tag in a link is part of the link.
#[test]
fn what_is_found_does_not_overlap() {
    for (text, length) in [("http://a.de/@name", 17), ("http://a.de/#name", 17), ("http://a.de/a.b@c.de", 20)] {
        assert_eq!(find(text, vec![]), [Entity::new(Url, 0, length)]);
    }
    assert_eq!(find("#tag@name.com", vec![]), [Entity::new(Hashtag, 0, 9)]);
}

#[test]
fn entities_that_the_text_has_stay() {
    let address = || TextUrl("https://example.org/".into());
    for (kind, is_found) in [
        (Bold, true),
        (EntityKind::Spoiler, true),
        (EntityKind::Blockquote, true),
        (Code, false),
        (Pre(String::new()), false),
        (address(), false),
        (EntityKind::MentionName(1), false),
        (CustomEmoji(1), false),
        (Mention, false),
        (EntityKind::Unknown, false),
    ] {
        // Around the found entity, equal to it, inside it, across its beginning, and across its end.
        for (offset, length) in [(0, 12), (2, 8), (4, 1), (0, 3), (9, 2)] {
            let given = Entity::new(kind.clone(), offset, length);
            let found = find("a @someone b", vec![given.clone()]);
            assert!(found.contains(&given));
            assert_eq!(found.contains(&Entity::new(Mention, 2, 8)), is_found || given == Entity::new(Mention, 2, 8));
        }
        // Next to it.
        let beside = find("a @someone b", vec![Entity::new(kind.clone(), 10, 2), Entity::new(kind, 0, 2)]);
        assert_eq!(beside.len(), 3);
        assert_eq!(beside[1], Entity::new(Mention, 2, 8));
    }
    // In the order of the beginnings, outer ones first.
    let (text, entities) = parse("see __**example.com** [#no](a)__ #yes");
    let kinds: Vec<_> = find(&text, entities).into_iter().map(|entity| entity.kind).collect();
    assert_eq!(kinds, [Italic, Bold, Url, TextUrl("a".into()), Hashtag]);
}

#[test]
fn much_is_bounded_and_fast() {
    let text = "#tag ".repeat(1001);
    assert_eq!(find(&text, vec![]).len(), Entity::MAX_COUNT);
    let given = vec![Entity::new(Bold, 0, 1), Entity::new(Bold, 2, 1)];
    assert_eq!(find(&text, given.clone()).len(), Entity::MAX_COUNT);
    let full = vec![Entity::new(Bold, 0, 1); 1200];
    assert_eq!(find(&text, full.clone()).len(), full.len());
    for part in [
        "@",
        "#",
        "a@",
        "#a",
        "#a@b",
        "@abcde",
        ".",
        "a.",
        "a.a",
        "://",
        "a://",
        "http://",
        "http://a.de/",
        "a@a.de",
        "/(",
        "http://a.de/'",
        "a.de#",
        "😀",
        "😀.",
        "http://a@",
        "_",
        "+a@",
        "tg://a",
        "a.de:",
        "-",
        ":",
        "a,.a",
        "я",
        "я.рф,",
    ] {
        let text = part.repeat(50_000);
        assert!(Entity::fit(&text, &find(&text, vec![])).into_iter().all(|fits| fits));
    }
}

fn texts() -> impl Strategy<Value = String> {
    let words =
        ["http://", "example.com", "я.рф", "@name", "#tag", "a@b.de", "tg://a", "://", ".", "/", "@", "#", ":8", "_"];
    let parts = prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(String::from),
        "\\PC",
        "[ \n()😀éя\u{202e}\u{3000}]"
    ];
    prop::collection::vec(parts, 0..16).prop_map(|parts| parts.concat())
}

fn given_entities() -> impl Strategy<Value = Vec<Entity>> {
    let kinds = proptest::sample::select(vec![Bold, Italic, Code, Mention, EntityKind::Unknown]);
    let entity = (kinds, 0u32..40, 1u32..20).prop_map(|(kind, offset, length)| Entity::new(kind, offset, length));
    prop::collection::vec(entity, 0..6)
}

proptest! {
    #[test]
    fn finding_never_fails(text in any::<String>()) {
        let found = find(&text, vec![]);
        prop_assert!(Entity::fit(&text, &found).into_iter().all(|fits| fits));
    }

    #[test]
    fn what_is_found_fits_and_stands_apart(text in texts(), given in given_entities()) {
        let all = find(&text, given.clone());
        prop_assert!(all.is_sorted_by_key(|entity| entity.offset));
        // Each given entity is there as often as before; the rest were found.
        let mut found = all.clone();
        for entity in &given {
            let index = found.iter().position(|found| found == entity);
            prop_assert!(index.is_some());
            found.remove(index.unwrap());
        }
        prop_assert!(Entity::fit(&text, &found).into_iter().all(|fits| fits));
        let apart = |a: &Entity, b: &Entity| a.offset + a.length <= b.offset || b.offset + b.length <= a.offset;
        prop_assert!(found.is_sorted_by(|a, b| a.offset + a.length <= b.offset));
        for entity in given.iter().filter(|entity| !matches!(entity.kind, Bold | Italic)) {
            prop_assert!(found.iter().all(|found| apart(found, entity)));
        }
        prop_assert_eq!(find(&text, all.clone()), all);
    }

    /// The found entities are not written as marks, and are found again.
    #[test]
    fn found_once_more_after_writing(text in texts()) {
        let found = find(&text, vec![]);
        let (read, entities) = parse(&write(&text, &found));
        prop_assert_eq!(&read, &text);
        prop_assert_eq!(find(&read, entities), found);
    }
}

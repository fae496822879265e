//! Captions with marks.

use secretchat::{Entity, EntityKind};
use secretchat_markdown::{find, isolate, parse, show_controls, write};

/// Checks that what is read is written and read back, that entities fit their text in all functions, and that an isolated
/// text is the text with isolates alone added.
///
/// The input: the number of entities with their kinds, places and lengths, then a text.
pub fn markdown(data: &[u8]) {
    check(data, write);
}

/// With what writes.
fn check(data: &[u8], write: fn(&str, &[Entity]) -> String) {
    let Some((&count, data)) = data.split_first() else { return };
    let (given, text) = data.split_at(data.len().min(3 * usize::from(count % 16)));
    let text = String::from_utf8_lossy(text);

    let (plain, marks) = parse(&text);
    assert!(plain.len() <= text.len() && marks.len() <= Entity::MAX_COUNT);
    assert_fit(&plain, &marks);
    assert_eq!(parse(&write(&plain, &marks)), (plain.clone(), marks.clone()), "what is read is read back");

    // Any entities on any text.
    let given: Vec<_> =
        given.as_chunks().0.iter().map(|[kind, offset, length]| entity(*kind, *offset, *length)).collect();
    let (again, kept) = parse(&write(&text, &given));
    assert_eq!(again, text, "marks change no text");
    assert!(kept.iter().all(|one| given.contains(one)), "and come from nowhere else");

    let found = find(&plain, marks.clone());
    assert_fit(&plain, &found);
    assert!(marks.iter().all(|mark| found.contains(mark)) || found.len() == Entity::MAX_COUNT);

    let (isolated, moved) = isolate(&text, &given);
    assert_fit(&isolated, &moved);
    let controls = ['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];
    assert!(
        isolated.chars().filter(|one| !controls.contains(one)).eq(text.chars().filter(|one| !controls.contains(one)))
    );
    assert_eq!(
        isolate(&isolated, &[]).0.matches('\u{2069}').count(),
        isolated.matches(&controls[..3]).count() + paragraphs(&isolated)
    );
    assert_eq!(show_controls(&text).chars().count(), text.chars().count());
}

/// How many isolates another call adds, as the first one did: one around each paragraph with text.
fn paragraphs(text: &str) -> usize {
    isolate(text, &[]).0.matches('\u{2068}').count() - text.matches('\u{2068}').count()
}

fn assert_fit(text: &str, entities: &[Entity]) {
    assert!(Entity::fit(text, entities).into_iter().all(|fits| fits), "{text:?} {entities:?}");
}

fn entity(kind: u8, offset: u8, length: u8) -> Entity {
    let kind = match kind % 9 {
        0 => EntityKind::Bold,
        1 => EntityKind::Italic,
        2 => EntityKind::Strike,
        3 => EntityKind::Spoiler,
        4 => EntityKind::Code,
        5 => EntityKind::Pre("rust".to_owned()),
        6 => EntityKind::TextUrl("https://a.example/(b)".to_owned()),
        7 => EntityKind::TextUrl("\\ )\n".to_owned()),
        _ => EntityKind::Underline,
    };
    Entity::new(kind, offset.into(), length.into())
}

#[test]
fn a_writer_that_forgets_to_escape_is_found() {
    let data = b"\0\\*\\*a\\*\\* __b__";
    markdown(data);
    assert!(crate::fails(|| check(data, |text, _| text.to_owned())));
}

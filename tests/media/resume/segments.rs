//! Segments after an interruption (SPEC RES-6, SEG-11): the vectors, any token, any segment, one content.

use std::collections::BTreeMap;

use proptest::prelude::*;
use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{
    FileForm, HEADER_LEN, MediaKey, Padding, Progress, RESUME_TOKEN_LEN, ResumableMediaDecryptor,
    ResumableMediaEncryptor, ResumableSealer, ResumeKey, SEGMENT_LEN, SegmentDecryptor, SegmentEncryptor, SegmentKey,
    SegmentLayout, SegmentOpener, SegmentSize,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::run::{bytes, checked, half, vectors};
use crate::support::rng::Seeded;

/// As `resume.py` makes its bytes.
fn stream(label: &str, len: usize) -> Vec<u8> {
    (0..=len / 32).flat_map(|i| Sha256::digest(format!("{label} {i}"))).take(len).collect()
}

struct File {
    value: Value,
    content: Vec<u8>,
    layout: SegmentLayout,
}

impl File {
    fn all() -> Vec<Self> {
        let files: Vec<_> = vectors("segments").into_iter().map(Self::new).collect();
        let sizes: Vec<_> = files.iter().map(|file| file.content.len()).collect();
        assert_eq!(sizes, [1, 65_536, 65_537, 200_001, (1 << 22) + 1, 10_001, (1 << 18) + 1]);
        files
    }

    fn new(value: Value) -> Self {
        let len = value["size"].as_u64().unwrap().try_into().unwrap();
        let content = stream(&format!("{} content", value["name"].as_str().unwrap()), len);
        let padding = if value["padding"] == 1 { Padding::Padme } else { Padding::None };
        let segment_size = if value["segment_code"] == 12 { SegmentSize::Kib4 } else { SegmentSize::Kib64 };
        let layout = SegmentLayout::new(content.len() as u64, padding).unwrap().with_segment_size(segment_size);
        Self { value, content, layout }
    }

    fn size(&self) -> u64 {
        self.content.len() as u64
    }

    fn key(&self) -> SegmentKey {
        SegmentKey::from_parts(half(&self.value["key"]), half(&self.value["iv"]))
    }

    fn media_key(&self) -> MediaKey {
        self.key().into()
    }

    fn host(&self) -> ResumeKey {
        ResumeKey::new(half(&self.value["host"]))
    }

    fn tokens(&self) -> &[Value] {
        self.value["tokens"].as_array().unwrap()
    }

    fn draws(&self) -> Scripted {
        Scripted::new(["key", "salt"].map(|name| bytes(&self.value[name])).into_iter().chain([vec![0; 12]]))
    }

    fn sealer(&self) -> ResumableSealer {
        let mut rng = self.draws();
        let mut plan = ResumableSealer::plan_with_layout(self.layout, &mut rng);
        self.content.chunks(40_001).for_each(|chunk| plan.take(chunk).unwrap());
        assert_eq!(plan.progress().left(), 0);
        let (run, _token) = plan.finish(&self.host(), &mut rng).unwrap();
        assert_eq!(run.key().parts(), self.key().parts());
        run
    }

    /// The stored file by the type that does not resume.
    fn stored(&self) -> Vec<u8> {
        let mut encryptor = SegmentEncryptor::with_layout(self.layout, &mut self.draws());
        let (mut rest, mut stored) = (&self.content[..], Vec::new());
        while let part @ [_, ..] = encryptor.update(&mut rest).unwrap() {
            stored.extend_from_slice(part);
        }
        encryptor.finish().unwrap();
        stored
    }

    /// The contents of so many segments, in the places where they are sealed.
    fn slots(&self, layout: &SegmentLayout, first: u64, count: u64) -> Vec<u8> {
        let mut slots = Vec::new();
        for segment in (first..first + count).map_while(|index| layout.segment(index)) {
            let start =
                (usize::try_from(segment.index).unwrap() * layout.segment_size().bytes()).min(self.content.len());
            let mut slot = self.content[start..][..segment.content_len].to_vec();
            slot.resize(segment.stored_len, 0xee);
            slots.extend(slot);
        }
        slots
    }

    /// Seals the next segments.
    fn seal_next(&self, run: &mut ResumableSealer, count: u64) -> Vec<u8> {
        let first = run.next_segment().map_or(0, |next| next.index);
        let count = if run.next_segment().is_some() { count } else { 0 };
        let mut slots = self.slots(&run.layout().clone(), first, count);
        run.seal(&mut slots).unwrap();
        slots
    }
}

#[test]
fn a_file_ends_when_each_segment_was_sealed_in_its_turn() {
    for file in File::all() {
        let segments = file.layout.count();
        for sealed in 0..=segments {
            let mut run = file.sealer();
            (0..sealed).for_each(|_| drop(file.seal_next(&mut run, 1)));
            let expected = if sealed == segments { Ok(()) } else { Err(MediaError::Truncated) };
            assert_eq!(run.finish(), expected, "{sealed} of {segments}");
        }
    }
}

#[test]
fn tokens_behind_every_segment_are_those_of_the_vectors() {
    for file in File::all() {
        let (mut run, stored, host) = (file.sealer(), file.stored(), file.host());
        assert_eq!(run.layout().count(), file.value["count"].as_u64().unwrap());
        let mut out = run.header().to_vec();
        let mut down = ResumableMediaDecryptor::new(&file.media_key(), file.size()).unwrap();
        let (mut rest, mut content) = (&stored[..], Vec::new());
        for token in file.tokens() {
            let done = token["segments_done"].as_u64().unwrap();
            let offset = usize::try_from(token["offset"].as_u64().unwrap()).unwrap();
            while run.next_segment().is_some_and(|next| next.index < done) {
                out.extend(file.seal_next(&mut run, 1));
            }
            assert_eq!(run.progress(), Progress { done: offset as u64, total: file.size() });
            let sealed = run.token(&host, &mut Scripted::new([bytes(&token["seal_nonce"])]));
            assert_eq!(hex::encode(sealed), token["seal_token"]);

            if let Some(opening) = token["open_token"].as_str() {
                while content.len() < offset {
                    content.extend_from_slice(down.update(&mut rest).unwrap());
                }
                assert_eq!(down.progress(), Progress { done: offset as u64, total: file.size() });
                let sealed = down.token(&host, &mut Scripted::new([bytes(&token["open_nonce"])]));
                assert_eq!(hex::encode(sealed), opening);
            }
        }
        assert!(out == stored && content == file.content);
        run.finish().unwrap();
        while let [_, ..] = down.update(&mut rest).unwrap() {}
        down.finish().unwrap();
    }
}

/// From the token behind any segment: the very bytes, one or many at once, and any of the earlier ones again.
#[test]
fn every_token_goes_on_exactly() {
    for file in File::all() {
        let (stored, host, count) = (file.stored(), file.host(), file.value["count"].as_u64().unwrap());
        for (token, at_once) in file.tokens().iter().zip([1, 2, 7, 8, 100].into_iter().cycle()) {
            let resuming =
                ResumableSealer::resume(&file.key(), file.size(), &bytes(&token["seal_token"]), &host).unwrap();
            assert_eq!(Some(resuming.offset()), token["offset"].as_u64());
            let mut run = checked(resuming, &file.content, 50_000).unwrap();
            assert_eq!(run.header(), stored[..HEADER_LEN]);
            let layout = *run.layout();
            let done = token["segments_done"].as_u64().unwrap();
            let begins = layout.segment(done).map_or(layout.encrypted_len(), |segment| segment.offset);
            let rest = std::iter::from_fn(|| Some(file.seal_next(&mut run, at_once)).filter(|part| !part.is_empty()));
            assert!(rest.flatten().collect::<Vec<_>>() == stored[usize::try_from(begins).unwrap()..]);
            let mut again = file.slots(&layout, 0, count);
            run.seal_again(0, &mut again).unwrap();
            assert!(again == stored[HEADER_LEN..]);
            run.finish().unwrap();

            let Some(opening) = token["open_token"].as_str() else { continue };
            let opening = hex::decode(opening).unwrap();
            let resuming = ResumableMediaDecryptor::resume(&file.media_key(), file.size(), &opening, &host).unwrap();
            let offset = usize::try_from(resuming.offset()).unwrap();
            let mut down = checked(resuming, &file.content[..offset], 50_000).unwrap();
            assert_eq!(down.place(), if done == 0 { 0 } else { begins });
            let (mut rest, mut content) = (&stored[usize::try_from(down.place()).unwrap()..], Vec::new());
            while let part @ [_, ..] = down.update(&mut rest).unwrap() {
                content.extend_from_slice(part);
            }
            assert!(content == file.content[offset..]);
            down.finish().unwrap();
        }
    }
}

/// Before the first content the token says nothing of the layout, whether the header was seen or not.
#[test]
fn a_token_behind_the_header_starts_over() {
    for file in File::all() {
        let (stored, host) = (file.stored(), file.host());
        let mut down = ResumableMediaDecryptor::new(&file.media_key(), file.size()).unwrap();
        assert!(down.update(&mut &stored[..HEADER_LEN]).unwrap().is_empty());
        assert_eq!(down.place(), 0);
        let token = down.token(&host, &mut Seeded::new(2));
        let resuming = ResumableMediaDecryptor::resume(&file.media_key(), file.size(), &token, &host).unwrap();
        let mut down = checked(resuming, &[], 1).unwrap();
        assert_eq!(down.place(), 0);
        let (mut rest, mut content) = (&stored[..], Vec::new());
        while let part @ [_, ..] = down.update(&mut rest).unwrap() {
            content.extend_from_slice(part);
        }
        down.finish().unwrap();
        assert!(content == file.content);
    }
}

#[test]
fn wrong_tokens_of_segments_are_refused() {
    let cases = vectors("segments-token");
    let mut refused = 0;
    for case in &cases {
        let (key, size) =
            (SegmentKey::from_parts(half(&case["key"]), half(&case["iv"])), case["size"].as_u64().unwrap());
        let (token, host) = (bytes(&case["token"]), ResumeKey::new(half(&case["host"])));
        let media_key = MediaKey::from(key.duplicate());
        let results = if case["doing"] == "sealing" {
            let sealer = ResumableSealer::resume(&key, size, &token, &host).map(|_| ());
            vec![sealer, ResumableMediaEncryptor::resume(&media_key, size, &token, &host).map(|_| ())]
        } else {
            vec![ResumableMediaDecryptor::resume(&media_key, size, &token, &host).map(|_| ())]
        };
        for result in results {
            if case["result"] == "valid" {
                assert_eq!(result, Ok(()), "{}", case["comment"]);
            } else {
                assert_eq!(result, Err(MediaError::ResumeToken), "{}", case["comment"]);
                refused += 1;
            }
        }
    }
    assert_eq!((cases.len(), refused), (50, 71));
}

/// The token of a chain is none of segments under the same 64 bytes, and the other way round.
#[test]
fn a_token_is_of_one_form() {
    let file = File::all().remove(1);
    let token = bytes(&file.tokens()[1]["seal_token"]);
    let chain = MediaKey::from_parts(FileForm::Chain, half(&file.value["key"]), half(&file.value["iv"]));
    let refused = ResumableMediaEncryptor::resume(&chain, file.size(), &token, &file.host()).unwrap_err();
    assert_eq!(refused, MediaError::ResumeToken);
    let refused = ResumableMediaDecryptor::resume(&chain, file.size(), &token, &file.host()).unwrap_err();
    assert_eq!(refused, MediaError::ResumeToken);
    let mut plan = ResumableMediaEncryptor::plan(chain.form(), file.size(), &mut Seeded::new(1)).unwrap();
    plan.take(&file.content).unwrap();
    let (run, token) = plan.finish(&file.host(), &mut Seeded::new(1)).unwrap();
    let (key, iv) = run.key().parts();
    let segments = SegmentKey::from_parts(*key, *iv);
    let refused = ResumableSealer::resume(&segments, file.size(), &token, &file.host()).unwrap_err();
    assert_eq!(refused, MediaError::ResumeToken);
}

/// Every place at which the content can have changed: nothing is sealed, in its turn or again, and what is right still is.
#[test]
fn changed_content_is_refused_before_a_byte_leaves() {
    let file = File::all().remove(3);
    let token = bytes(&file.tokens()[1]["seal_token"]);
    let resume = || ResumableSealer::resume(&file.key(), file.size(), &token, &file.host()).unwrap();
    for at in [0, 65_535, 65_536, 131_072, 200_000] {
        let mut changed = file.content.clone();
        changed[at] ^= 1;
        assert_eq!(checked(resume(), &changed, 999).unwrap_err(), MediaError::ResumeMismatch);
    }
    for other in [&file.content[..200_000], &[&file.content[..], &[0]].concat(), &[]] {
        assert_eq!(checked(resume(), other, 999).unwrap_err(), MediaError::ResumeMismatch);
    }

    // In the midst of a run.
    let mut run = checked(resume(), &file.content, 999).unwrap();
    let layout = *run.layout();
    for (first, count, at) in [(1, 1, 0), (1, 3, 65_568 + 5), (1, 2, 65_535)] {
        let right = file.slots(&layout, first, count);
        let mut slots = right.clone();
        slots[at] ^= 0x40;
        let before = slots.clone();
        assert_eq!(run.seal(&mut slots), Err(MediaError::ResumeMismatch));
        assert_eq!(run.seal_again(first, &mut slots), Err(MediaError::ResumeMismatch));
        assert!(slots == before, "not sealed");
    }
    // The right content of another segment is other content here.
    let mut first = file.slots(&layout, 0, 1);
    assert_eq!(run.seal_again(1, &mut first.clone()), Err(MediaError::ResumeMismatch));
    assert_eq!(run.seal(&mut first), Err(MediaError::ResumeMismatch));
    let mut none = file.slots(&layout, 0, 1);
    none.pop();
    assert_eq!(run.seal_again(0, &mut none), Err(MediaError::PartLength));
    assert_eq!(run.seal_again(9, &mut [0; 48]), Err(MediaError::PartLength));
    assert_eq!(run.seal_again(u64::MAX, &mut [0; 48]), Err(MediaError::PartLength));
    assert_eq!(run.next_segment().unwrap().index, 1);
    assert!(file.seal_next(&mut run, 9) == file.stored()[HEADER_LEN + SEGMENT_LEN + 32..]);
}

#[test]
fn a_decryptor_starts_at_any_segment() {
    for file in File::all() {
        let (stored, key) = (file.stored(), file.key());
        let header = stored.first_chunk().unwrap();
        let layout = file.layout;
        for first in (0..=layout.count()).filter(|first| *first < 4 || first + 3 > layout.count()) {
            let mut decryptor = SegmentDecryptor::starting_at(first, &key, file.size(), header).unwrap();
            let begins = (usize::try_from(first).unwrap() * layout.segment_size().bytes()).min(file.content.len());
            assert_eq!(decryptor.progress(), Progress { done: begins as u64, total: file.size() });
            let place = layout.segment(first).map_or(layout.encrypted_len(), |segment| segment.offset);
            let (mut rest, mut content) = (&stored[usize::try_from(place).unwrap()..], Vec::new());
            while let part @ [_, ..] = decryptor.update(&mut rest).unwrap() {
                content.extend_from_slice(part);
            }
            decryptor.finish().unwrap();
            assert!(content == file.content[begins..]);
        }
        for first in [layout.count() + 1, u64::MAX] {
            let refused = SegmentDecryptor::starting_at(first, &key, file.size(), header).unwrap_err();
            assert_eq!(refused, MediaError::OutOfRange);
        }
        let mut other = *header;
        other[20] ^= 1;
        let refused = SegmentDecryptor::starting_at(0, &key, file.size(), &other).unwrap_err();
        assert_eq!(refused, MediaError::NotThisFile);
    }
}

#[derive(Clone, Debug)]
enum Act {
    /// The run seals so many segments in their turn, of a source that is as it is now.
    Next(u64),
    /// The other end lacks this one.
    Again(u64),
    Token,
    /// The process ends, and a token that was ever given out is taken.
    Crash(prop::sample::Index),
    /// The source is another one from here on.
    Change(prop::sample::Index),
    Restore,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (1..4_u64).prop_map(Act::Next),
        2 => (0..6_u64).prop_map(Act::Again),
        2 => Just(Act::Token),
        3 => any::<prop::sample::Index>().prop_map(Act::Crash),
        1 => any::<prop::sample::Index>().prop_map(Act::Change),
        2 => Just(Act::Restore),
    ];
    prop::collection::vec(act, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever token, source and segment: one secret and place have one content, that of the plan.
    #[test]
    fn one_secret_and_segment_have_one_content(size in 1..300_000_usize, pad: bool, acts in acts(), seed: u64) {
        let (host, mut rng) = (ResumeKey::new([9; 32]), Seeded::new(seed));
        let padding = if pad { Padding::Padme } else { Padding::None };
        let original = stream("one content", size);
        let mut plan = ResumableSealer::plan(size as u64, padding, &mut rng).unwrap();
        plan.take(&original).unwrap();
        let (run, token) = plan.finish(&host, &mut rng).unwrap();
        let (key, layout, header) = (run.key().duplicate(), *run.layout(), run.header());
        let value = serde_json::json!({});
        let mut source = File { value, content: original.clone(), layout };
        let (mut run, mut tokens) = (Some(run), vec![token]);
        // What the carrier has seen.
        let mut left: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for act in acts {
            let honest = source.content == original;
            match (act, &mut run) {
                (Act::Next(count), Some(run)) => {
                    let Some(next) = run.next_segment() else { continue };
                    let mut slots = source.slots(&layout, next.index, count);
                    match run.seal(&mut slots) {
                        Ok(()) => { left.insert(next.index, slots); }
                        Err(error) => prop_assert!(!honest && error == MediaError::ResumeMismatch),
                    }
                }
                (Act::Again(index), Some(run)) => {
                    let mut slot = source.slots(&layout, index, 1);
                    match run.seal_again(index, &mut slot) {
                        Ok(()) if slot.is_empty() => {}
                        Ok(()) => {
                            let first = left.entry(index).or_insert_with(|| slot.clone());
                            prop_assert_eq!(&first[..slot.len()], &slot[..], "segment {}", index);
                        }
                        Err(error) => prop_assert!(!honest && error == MediaError::ResumeMismatch),
                    }
                }
                (Act::Token, Some(run)) => tokens.push(run.token(&host, &mut rng)),
                (Act::Next(_) | Act::Again(_) | Act::Token, None) => {}
                (Act::Crash(which), _) => {
                    let token: &[u8; RESUME_TOKEN_LEN] = which.get(&tokens);
                    let resuming = ResumableSealer::resume(&key, size as u64, token, &host).unwrap();
                    run = checked(resuming, &source.content, 70_777).ok();
                    prop_assert_eq!(run.is_some(), honest);
                }
                (Act::Change(at), _) => { let at = at.index(size); source.content[at] ^= 1; }
                (Act::Restore, _) => source.content.clone_from(&original),
            }
        }
        // What left opens to what was planned, segment by segment.
        let opener = SegmentOpener::new(&key, size as u64, &header).unwrap();
        for (first, mut stored) in left {
            let (opened, result) = opener.open_all(first, &mut stored);
            prop_assert_eq!(result, Ok(()));
            for index in first..first + opened {
                let segment = layout.segment(index).unwrap();
                let at = usize::try_from(segment.offset - layout.segment(first).unwrap().offset).unwrap();
                let start = (usize::try_from(index).unwrap() * SEGMENT_LEN).min(size);
                prop_assert!(stored[at..][..segment.content_len] == original[start..][..segment.content_len]);
            }
        }
    }
}

#[test]
fn debug_shows_how_far_and_nothing_else() {
    let mut rng = Scripted::new([vec![0xa7; 32], vec![0xa7; 32], vec![0xa7; 12]]);
    let mut plan = ResumableSealer::plan(5, Padding::None, &mut rng).unwrap();
    plan.take(&[0xa7; 5]).unwrap();
    assert_eq!(format!("{plan:?}"), "Plan { progress: Progress { done: 5, total: 5 }, .. }");
    let (run, _token) = plan.finish(&ResumeKey::new([0xa7; 32]), &mut rng).unwrap();
    let layout = "layout: SegmentLayout { size: 5, padding: None, segment_size: Kib64 }, next: 0";
    assert_eq!(format!("{run:?}"), format!("ResumableSealer {{ sealer: SegmentSealer {{ {layout}, .. }}, .. }}"));
}

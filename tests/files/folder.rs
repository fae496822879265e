//! Files in a folder do what files in memory do, and what is on disk is enough (SPEC FILE-2 to FILE-5).

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use secretchat::frame::{FileId, Frame, Ranges};
use secretchat::media::FileForm;
use secretchat::transfer::{Bounds, FileReceiver, Files, FolderFiles, Heard, MemoryFiles, Place};

use super::host::at;
use crate::support::rng::Seeded;

const PLACES: [Place; 3] = [Place::Leaving, Place::Arriving, Place::Kept];

/// A folder that goes with its test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("secretchat-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Has both write the same part, as a receiver gives it out.
fn write(folder: &mut FolderFiles, memory: &mut MemoryFiles, file_id: FileId, offset: u64, bytes: &[u8]) {
    let mut receiver = FileReceiver::new(Bounds::default());
    let frame = Frame::FilePart { file_id, offset, total: 1_000, bytes };
    let Heard::Write(part) = receiver.hear(&frame, at(0), |_| false) else { panic!("a part") };
    folder.write(&part).unwrap();
    memory.write(&part).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_folder_is_as_memory_is_and_outlives_the_process(
        steps in prop::collection::vec((0..7_u8, 0..3_u8, 0..900_u64, prop::collection::vec(any::<u8>(), 1..90)), 1..40),
    ) {
        let scratch = Scratch::new("model");
        let (mut folder, mut memory) = (FolderFiles::open(&scratch.0).unwrap(), MemoryFiles::default());
        for (what, name, offset, bytes) in steps {
            let file = FileId([name; 16]);
            match what {
                0 => {
                    fs::write(folder.path(Place::Leaving, file), &bytes).unwrap();
                    memory.insert(file, bytes);
                }
                1 | 2 => write(&mut folder, &mut memory, file, offset, &bytes),
                3 if memory.get(Place::Arriving, file).is_some() => {
                    let there = Ranges::from(offset..offset + 7);
                    folder.note(file, 1_000, &there).unwrap();
                    memory.note(file, 1_000, &there).unwrap();
                }
                4 => {
                    folder.keep(file).unwrap();
                    memory.keep(file).unwrap();
                }
                5 => {
                    let place = PLACES[usize::from(bytes[0] % 3)];
                    folder.remove(place, file).unwrap();
                    memory.remove(place, file).unwrap();
                }
                _ => folder = FolderFiles::open(&scratch.0).unwrap(),
            }
            for place in PLACES {
                let mut names = folder.list(place).unwrap();
                names.sort_unstable();
                prop_assert_eq!(names, memory.list(place).unwrap());
                for file in memory.list(place).unwrap() {
                    let bytes = memory.get(place, file).unwrap();
                    prop_assert_eq!(&fs::read(folder.path(place, file)).unwrap()[..], bytes);
                    prop_assert_eq!(folder.len(place, file).unwrap(), Some(bytes.len() as u64));
                }
            }
            for file in memory.list(Place::Leaving).unwrap() {
                let end = memory.get(Place::Leaving, file).unwrap().len() as u64;
                let part = (end / 3)..end;
                prop_assert_eq!(folder.read(file, part.clone()).unwrap(), memory.read(file, part).unwrap());
            }
            for name in 0..3 {
                let file = FileId([name; 16]);
                prop_assert_eq!(folder.noted(file).unwrap(), memory.noted(file).unwrap());
            }
        }
    }
}

#[test]
fn a_note_that_cannot_be_read_is_none() {
    let scratch = Scratch::new("note");
    let (mut folder, mut memory) = (FolderFiles::open(&scratch.0).unwrap(), MemoryFiles::default());
    let file = FileId([1; 16]);
    write(&mut folder, &mut memory, file, 0, b"bytes");
    folder.note(file, 1_000, &Ranges::from(0..5)).unwrap();
    let note = scratch.0.join("arriving").join(format!("{file}.note"));
    let good = fs::read(&note).unwrap();
    for len in 0..good.len() {
        fs::write(&note, &good[..len]).unwrap();
        let noted = folder.noted(file).unwrap();
        // Eight bytes of length and no ranges: nothing is there.
        assert_eq!(noted, (len == 8).then(|| (1_000, Ranges::new())), "{len} bytes");
    }
}

#[test]
fn what_cannot_be_sealed_leaves_nothing() {
    let scratch = Scratch::new("seal");
    let mut folder = FolderFiles::open(&scratch.0).unwrap();
    let mut rng = Seeded::new(1);
    for (content, size) in [(&b""[..], 0), (b"short", 6), (b"too long", 7)] {
        assert!(folder.seal(content, size, FileForm::Segments, &mut rng).is_err(), "{size}");
        assert_eq!(folder.list(Place::Leaving).unwrap(), []);
    }
    assert!(folder.seal(&b"right"[..], 5, FileForm::Segments, &mut rng).is_ok());
    assert_eq!(folder.list(Place::Leaving).unwrap().len(), 1);
}

/// A file is called by its id alone. Sixteen bytes are one, even if they read as a path.
#[test]
fn at_54_no_name_leads_out_of_the_folder() {
    let scratch = Scratch::new("names");
    let inside = scratch.0.join("chat");
    let mut folder = FolderFiles::open(&inside).unwrap();
    // What would be found.
    fs::write(scratch.0.join("secret"), b"of another").unwrap();
    for name in ["", ".", "..", "/", "../../secret", "/etc/passwd", "C:\\x", "a\0b", "\u{202e}", &"a".repeat(10_000)] {
        assert_eq!(folder.open_kept(name.as_bytes()).unwrap_err().kind(), std::io::ErrorKind::NotFound, "{name:?}");
    }
    let ids = [*b"../../../secret\0", *b"../../////secret", *b"/etc/shadow.....", [0; 16], [0xff; 16], [b'.'; 16]];
    for id in ids.map(FileId) {
        let mut memory = MemoryFiles::default();
        write(&mut folder, &mut memory, id, 0, b"bytes");
        folder.note(id, 5, &Ranges::from(0..5)).unwrap();
        for place in PLACES {
            let path = folder.path(place, id);
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(name, hex::encode(id.0));
            assert_eq!(path.parent().unwrap().parent().unwrap(), inside);
        }
        folder.keep(id).unwrap();
        assert!(folder.open_kept(&id.0).is_ok());
    }
    let names = |path: &std::path::Path| {
        let mut names: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&scratch.0), ["chat", "secret"]);
    assert_eq!(names(&inside), ["arriving", "kept", "leaving"]);
    assert_eq!(names(&inside.join("kept")).len(), ids.len());
}

#[test]
fn only_names_of_files_open_kept_ones() {
    let scratch = Scratch::new("kept");
    let (mut folder, mut memory) = (FolderFiles::open(&scratch.0).unwrap(), MemoryFiles::default());
    let file = FileId([2; 16]);
    write(&mut folder, &mut memory, file, 0, b"bytes");
    folder.keep(file).unwrap();
    assert!(folder.open_kept(&file.0).is_ok());
    for name in [&[3; 16][..], b"../arriving", b""] {
        assert_eq!(folder.open_kept(name).unwrap_err().kind(), std::io::ErrorKind::NotFound);
    }
}

/// A folder that cannot be reached says nothing about its files.
#[test]
fn a_file_that_cannot_be_reached_is_not_missing() {
    let scratch = Scratch::new("unreachable");
    let mut folder = FolderFiles::open(&scratch.0).unwrap();
    let file = FileId([4; 16]);
    assert_eq!(folder.len(Place::Kept, file).unwrap(), None);
    fs::remove_dir(scratch.0.join("kept")).unwrap();
    fs::write(scratch.0.join("kept"), b"no folder").unwrap();
    assert!(folder.len(Place::Kept, file).is_err());
    assert!(folder.remove(Place::Kept, file).is_err());
}

//! Uploads and downloads that fail, are dropped and go on.

use std::io;

use recordings::Seeded;
use secretchat::media::{self, ChainKey};
use secretchat::{Draft, Event, Media, Photo, Timestamp, Ttl};
use secretchat_grammers::client::{FileError, download, upload};
use secretchat_grammers::tl::{Identifiable, Serializable, functions as f};
use secretchat_grammers::{Download, Failure, FileLocation, ServerError, Upload, checksum};

use super::host::{Host, NOW, pair, settle};
use super::line::Trouble::{Error, Hangs, Lost, None as Nothing};
use super::line::{poll, run};

/// Three parts of 512 KiB and a rest.
const SIZE: usize = 3 * 524_288 + 1_000;

fn begin(sealed: &[u8], key: &ChainKey) -> Upload {
    Upload::new(sealed.len() as u64, key.fingerprint(), Timestamp::from_telegram(NOW), &mut Seeded::new(3)).unwrap()
}

fn refused(error: &FileError) -> Option<&Failure> {
    match error {
        FileError::Call(failure) => Some(failure),
        _ => None,
    }
}

/// Uploads without troubles, and returns the draft of the photo.
fn photo(host: &Host, content: &[u8]) -> Draft {
    let (key, sealed) = media::seal(media::FileForm::Chain, content, &mut Seeded::new(4)).unwrap();
    let (secret, iv) = key.parts();
    let mut up = begin(&sealed, &ChainKey::from_parts(*secret, *iv));
    run(upload(&host.line, &mut up, |part| Ok(sealed[part.range()].to_vec()), |_| Ok(()))).unwrap();
    let name = up.finish(Some(&checksum(&sealed))).unwrap().to_bytes();
    Draft::media(Photo::new(90, 60, content.len() as u64, key), "look").with_file(name)
}

/// Sends a photo, and returns where it is and what opens it.
fn sent(alice: &mut Host, bob: &mut Host, id: i32, content: &[u8]) -> (FileLocation, media::MediaKey) {
    let draft = photo(alice, content);
    alice.chats.with(id, |chat, env| chat.send(&draft, env)).unwrap().unwrap();
    settle(alice, bob);
    let message = bob.events.iter_mut().find_map(|(_, event)| match event {
        Event::Message(message) => Some(message),
        _ => None,
    });
    let message = message.unwrap();
    let location = FileLocation::of_reference(&message.file.as_ref().unwrap().reference).unwrap();
    let Some(Media::Photo(photo)) = &mut message.content.media else { panic!("no photo") };
    (location, photo.key.take().unwrap())
}

fn content() -> Vec<u8> {
    (0..SIZE).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[test]
fn a_photo_goes_up_and_down_in_its_data_centre() {
    let (mut alice, mut bob, id) = pair();
    let content = content();
    let (location, key) = sent(&mut alice, &mut bob, id, &content);
    let (mut down, mut sealed) = (Download::new(location, 1 << 22).unwrap(), Vec::new());
    let mut progress = Vec::new();
    run(download(&bob.line, &mut down, |bytes, state| {
        sealed.extend(bytes);
        progress.push(state.progress());
        Ok(())
    }))
    .unwrap();
    assert_eq!(media::open(&key, SIZE as u64, &sealed).unwrap(), content);
    // A chain is padded to whole blocks.
    assert_eq!(progress, [524_288, 1_048_576, 1_572_864, SIZE.next_multiple_of(16) as u64]);
    assert_eq!(bob.line.times(f::auth::ExportAuthorization::CONSTRUCTOR_ID), 1, "once is enough");
    let gets =
        bob.line.called.borrow().iter().filter(|call| **call == (f::upload::GetFile::CONSTRUCTOR_ID, Some(2))).count();
    assert_eq!(gets, 5, "the first one was refused");
}

#[test]
fn a_timer_goes_with_a_photo() {
    let (mut alice, mut bob, id) = pair();
    let draft = photo(&alice, &[3; 100]).with_ttl(Ttl::from_seconds(5).unwrap());
    alice.chats.with(id, |chat, env| chat.send(&draft, env)).unwrap().unwrap();
    settle(&mut alice, &mut bob);
    let random_id = bob.events.iter().find_map(|(_, event)| match event {
        Event::Message(message) => Some(message.random_id),
        _ => None,
    });
    bob.chats
        .with(id, |chat, env| chat.act(env, |chat, env| chat.open_view(random_id.unwrap(), env)))
        .unwrap()
        .unwrap();
    settle(&mut alice, &mut bob);
    bob.line.net.borrow_mut().server.now += 5;
    settle(&mut alice, &mut bob);
    for host in [&alice, &bob] {
        assert!(host.events.iter().any(|(_, event)| matches!(event, Event::Expired { .. })));
    }
}

#[test]
fn an_upload_waits_fails_and_goes_on() {
    let (alice, _bob, _) = pair();
    let (key, sealed) = media::seal(media::FileForm::Chain, &content(), &mut Seeded::new(4)).unwrap();
    let (secret, iv) = key.parts();
    let mut up = begin(&sealed, &ChainKey::from_parts(*secret, *iv));
    let read = |part: secretchat_grammers::Part| Ok(sealed[part.range()].to_vec());

    let mut token = Vec::new();
    let saved = |upload: &Upload| {
        token = upload.to_bytes();
        Ok(())
    };
    alice.line.trouble([Error(420, "FLOOD_WAIT_7"), Nothing, Lost, Nothing, Error(400, "FILE_PART_SIZE_INVALID")]);
    let error = run(upload(&alice.line, &mut up, read, saved)).unwrap_err();
    assert_eq!(refused(&error), Some(&ServerError::new(400, "FILE_PART_SIZE_INVALID").into()));
    assert_eq!(alice.line.net.borrow().pauses, [7, 1]);
    assert_eq!(up.progress(), 2 * 524_288);

    // Another process goes on, and is dropped in the middle of a part.
    let mut up = Upload::from_bytes(&token).unwrap();
    alice.line.trouble([Hangs]);
    assert!(poll(upload(&alice.line, &mut up, read, |_| Ok(()))).is_none());
    assert_eq!(up.progress(), 2 * 524_288);
    run(upload(&alice.line, &mut up, read, |_| Ok(()))).unwrap();
    assert!(up.finish(None).is_some());
    assert_eq!(alice.line.times(f::upload::SaveFilePart::CONSTRUCTOR_ID), 8);

    // What the host cannot read or keep ends it, too.
    let mut up = begin(&sealed, &ChainKey::from_parts(*secret, *iv));
    let error = run(upload(&alice.line, &mut up, |_| Ok(vec![]), |_| Ok(()))).unwrap_err();
    assert!(matches!(error, FileError::Upload(_)));
    let full = |_: &Upload| Err(io::ErrorKind::StorageFull.into());
    assert!(matches!(run(upload(&alice.line, &mut up, read, full)), Err(FileError::Io(_))));
    alice.line.net.borrow_mut().server.now += 90 * 60;
    assert!(matches!(run(upload(&alice.line, &mut up, read, |_| Ok(()))), Err(FileError::Stale)));
}

#[test]
fn a_download_loses_no_bytes_wherever_it_ends() {
    let (mut alice, mut bob, id) = pair();
    let content = content();
    let (location, key) = sent(&mut alice, &mut bob, id, &content);
    let (mut down, mut sealed) = (Download::new(location, 1 << 22).unwrap(), Vec::new());

    // The disk is full: the piece comes again.
    let full = |_: &[u8], _: &Download| Err(io::ErrorKind::StorageFull.into());
    assert!(matches!(run(download(&bob.line, &mut down, full)), Err(FileError::Io(_))));
    assert_eq!(down.progress(), 0);

    bob.line.trouble([Nothing, Hangs]);
    let mut token = Vec::new();
    let got = |bytes: &[u8], state: &Download| {
        sealed.extend(bytes);
        token = state.to_bytes();
        Ok(())
    };
    assert!(poll(download(&bob.line, &mut down, got)).is_none());

    let mut down = Download::from_bytes(&token).unwrap();
    bob.line.trouble([Error(420, "FLOOD_WAIT_3"), Error(500, "RPC_CALL_FAIL")]);
    let got = |bytes: &[u8], _: &Download| {
        sealed.extend(bytes);
        Ok(())
    };
    run(download(&bob.line, &mut down, got)).unwrap();
    assert_eq!(bob.line.net.borrow().pauses, [3, 2]);
    assert_eq!(media::open(&key, SIZE as u64, &sealed).unwrap(), content);
}

#[test]
fn a_file_that_moved_is_followed() {
    let (mut alice, mut bob, id) = pair();
    let content = content();
    let (location, key) = sent(&mut alice, &mut bob, id, &content);
    let mut down = Download::new(FileLocation { dc_id: 4, ..location }, 1 << 22).unwrap();
    let mut sealed = Vec::new();
    run(download(&bob.line, &mut down, |bytes, _| {
        sealed.extend(bytes);
        Ok(())
    }))
    .unwrap();
    assert_eq!(media::open(&key, SIZE as u64, &sealed).unwrap(), content);

    let gone = FileLocation { id: location.id ^ 1, ..location };
    let error = run(download(&bob.line, &mut Download::new(gone, 1 << 22).unwrap(), |_, _| Ok(()))).unwrap_err();
    assert_eq!(refused(&error), Some(&ServerError::new(400, "FILE_ID_INVALID").into()));
}

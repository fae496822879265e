//! The user's input.

use std::fs::{self, File};

use anyhow::{Result, bail};
use secretchat::{Chat, Document, Draft, Env, History, Photo, Ttl};
use secretchat_media::{Parts, clean, inspect};

use crate::host::Link;

pub(crate) fn command(link: &mut Link, typed: &str, env: &mut Env<'_>) -> Result<()> {
    let (command, rest) = typed.split_once(' ').unwrap_or((typed, ""));
    match command {
        "/photo" | "/once" | "/file" => {
            let draft = if command == "/file" { file(link, rest, env)? } else { photo(link, rest, env)? };
            let once = (command == "/once").then_some(Ttl::VIEW_ONCE);
            link.send(&draft.with_ttl(once), env)?;
        }
        "/album" => {
            let photos = rest.split(' ').map(|path| photo(link, path, env)).collect::<Result<Vec<_>>>()?;
            link.send_album(&photos, env)?;
        }
        "/close" => link.driver_mut().close(History::Delete, env),
        _ if !typed.starts_with('/') => drop(link.send(&Draft::text(typed), env)?),
        _ => link.driver_mut().act(env, |chat, env| act(chat, command, rest, env))?,
    }
    Ok(())
}

fn act(chat: &mut Chat, command: &str, rest: &str, env: &mut Env<'_>) -> Result<()> {
    match command {
        "/ttl" => chat.set_ttl(Ttl::from_seconds(rest.parse()?)?, env)?,
        "/open" => drop(chat.open_view(rest.parse()?, env)?),
        "/hide" => chat.close_view(rest.parse()?, env)?,
        "/rekey" => chat.rekey(env)?,
        _ => bail!("/photo /file /album /once /ttl /open /hide /rekey /close"),
    }
    Ok(())
}

fn photo(link: &mut Link, path: &str, env: &mut Env<'_>) -> Result<Draft> {
    // The place and the camera do not leave this device.
    let photo = clean(&fs::read(path)?, Parts::ALL)?.bytes;
    let ((width, height), size) = (inspect(&photo)?.shown(), photo.len() as u64);
    let (file, key) = link.seal(&photo[..], size, env)?;
    Ok(Draft::media(Photo::new(width, height, size, key), "").with_file(file))
}

fn file(link: &mut Link, path: &str, env: &mut Env<'_>) -> Result<Draft> {
    let content = File::open(path)?;
    let size = content.metadata()?.len();
    let (file, key) = link.seal(content, size, env)?;
    Ok(Draft::media(Document::new("application/octet-stream", size, key), "").with_file(file))
}

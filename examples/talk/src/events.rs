//! The output for the user.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anyhow::Result;
use secretchat::media::MediaDecryptReader;
use secretchat::store::Action;
use secretchat::{Env, Event, Media, Message, RandomId, Verification};

use crate::host::{Host, Link};

impl Host {
    /// Shows the events, and the progress of files.
    pub(crate) fn show_events(&mut self, env: &mut Env<'_>) -> Result<()> {
        while let Some(link) = &mut self.link
            && let Some(action) = link.next_action(env)?
        {
            if let Action::Event(event) = action {
                // The peer may send an invalid file. That must not end the program.
                self.show(event, env).unwrap_or_else(|error| self.say(&format!("! {error}")));
            }
        }
        let files = self.link.as_ref().map(Link::progress).unwrap_or_default();
        if files.left() == 0 {
            self.bar.finish_and_clear();
        } else if self.bar.is_finished() {
            self.bar.reset();
        }
        self.bar.set_length(files.total);
        self.bar.set_position(files.done);
        Ok(())
    }

    /// Prints a line. The peer's text must not move the cursor.
    pub(crate) fn say(&self, line: &str) {
        self.bar.suspend(|| println!("{}", line.replace(char::is_control, "\u{fffd}")));
    }

    /// Shows the picture of the keys, in colours on a terminal.
    pub(crate) fn compare(&self, seen: Verification) {
        self.say("compare this with the other end:");
        let picture = if io::stdout().is_terminal() { format!("{seen:#}") } else { format!("{seen}") };
        self.bar.suspend(|| println!("{picture}"));
    }

    fn show(&mut self, event: Event, env: &mut Env<'_>) -> Result<()> {
        match event {
            Event::Ready { verification, .. } => self.compare(verification),
            Event::Message(message) => self.show_message(&message, env)?,
            Event::Opened { random_id, lease: Some(lease), .. } => {
                let content = lease.reader(self.link()?.open_timed(random_id)?)?;
                let path = self.save(random_id, content)?;
                self.say(&format!("open: {path}, until its timer ends or you /hide {random_id}"));
            }
            Event::Expired { random_id, .. } => {
                let _ = fs::remove_file(self.received(random_id));
                self.say(&format!("gone: {random_id}"));
            }
            Event::TtlChanged { ttl, .. } => self.say(&format!("timer: {ttl:?}")),
            Event::Rekeyed { rekeys, .. } => self.say(&format!("new key: {rekeys}")),
            Event::Closed { reason, .. } => self.say(&format!("closed: {}", reason.name())),
            _ => {}
        }
        Ok(())
    }

    fn show_message(&mut self, message: &Message, env: &mut Env<'_>) -> Result<()> {
        let id = message.random_id;
        if !message.content.text.is_empty() {
            self.say(&format!("> {}", message.content.text));
        }
        let file = message.content.media.as_ref().and_then(Media::file);
        if let Some((_, None)) = file {
            // The key comes when the message is opened.
            self.say(&format!("> hidden: /open {id}"));
            return Ok(());
        }
        if let (Some((size, Some(key))), Some(sealed)) = (file, &message.file) {
            let sealed = self.link()?.files().open_kept(&sealed.reference)?;
            let path = self.save(id, key.reader(sealed, size)?)?;
            self.say(&format!("> {size} bytes: {path}"));
        }
        // The user has seen it, so its timer starts.
        self.link()?.driver_mut().act(env, |chat, env| chat.mark_read(&[id], env))?;
        Ok(())
    }

    /// Decrypts the file of a message into the user's folder.
    fn save(&self, id: RandomId, mut content: MediaDecryptReader<File>) -> Result<String> {
        let path = self.received(id);
        io::copy(&mut content, &mut File::create(&path)?)?;
        Ok(path.display().to_string())
    }

    fn received(&self, id: RandomId) -> PathBuf {
        self.folder.join("received").join(id.to_string())
    }
}

//! Secrets for the host's own use, derived from the current key (SPEC EXP-1, EXP-2).

use super::Chat;
use super::model::Exchange;
use super::turn::End;
use crate::chat::model::Cause;
use crate::crypto::schedule::Exporter;
use crate::types::env::Env;
use crate::types::error::{CallError, Unavailable};
use crate::types::secret::{Secret, swept};

/// # Ask
impl Chat {
    /// Returns a secret for a channel of the host's own, such as a call. Both ends get the same secret for the same
    /// label, context and length while [`Chat::rekeys`] is the same at both ends. Nobody else can compute it, and
    /// it reveals no other secret of the chat.
    ///
    /// The label names the use ("example.org voice"), the context one instance of it (the call's id). Send
    /// [`Chat::rekeys`] along with the context, so the other end notices if a new key came in between. Take a
    /// separate secret for each direction.
    ///
    /// ```
    /// # use secretchat::{CallError, Chat, hazmat::Secret};
    /// # fn call(chat: &Chat, call_id: &[u8]) -> Result<(), CallError> {
    /// let mine: Secret<32> = chat.export_secret(b"example.org voice", &[call_id, chat.role().name().as_bytes()].concat())?;
    /// # drop(mine);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Unavailable::NoExporter`] unless [`Config::with_exporter`](crate::Config::with_exporter) asked for one, or
    /// after [`Chat::forget_exporter`]; [`Unavailable::RekeyInProgress`] while the ends may have different keys
    /// (try again after [`Event::Rekeyed`](crate::Event::Rekeyed) and the next message); [`Unavailable::NotReady`],
    /// [`Unavailable::ChatClosed`]; [`ApiMisuse::ExportLength`](crate::ApiMisuse::ExportLength) unless the label
    /// has 1 to 255 bytes and the secret 1 to 8,160.
    pub fn export_secret<const N: usize>(&self, label: &[u8], context: &[u8]) -> Result<Secret<N>, CallError> {
        swept(|| Ok(self.exporter()?.export(label, context)?))
    }

    /// Does the same as [`Chat::export_secret`], for a length that is known only at run time: that of `secret`, which the
    /// caller must wipe.
    ///
    /// # Errors
    /// Same as [`Chat::export_secret`]. `secret` is unchanged then.
    pub fn export_secret_into(&self, label: &[u8], context: &[u8], secret: &mut [u8]) -> Result<(), CallError> {
        swept(|| Ok(self.exporter()?.export_into(label, context, secret)?))
    }

    fn exporter(&self) -> Result<&Exporter, Unavailable> {
        let keys = self.ready_keys()?;
        let exporter = keys.bound.as_ref().and_then(|bound| bound.exporter.as_ref());
        let exporter = exporter.ok_or(Unavailable::NoExporter)?;
        if keys.old.is_some() || !matches!(keys.exchange, Exchange::Idle) {
            return Err(Unavailable::RekeyInProgress);
        }
        Ok(exporter)
    }
}

/// # App -> chat
impl Chat {
    /// Forgets the exporter of the current key. Secrets that were exported cannot be derived again, not even from
    /// the records once the batch is written. The next key brings a new exporter. Call this when the last channel
    /// that needs it has started.
    pub fn forget_exporter(&mut self, env: &mut Env<'_>) {
        self.turn(Cause::ForgetExporter, env, |turn| {
            let has_one = turn.chat.keys().is_some_and(|keys| matches!(keys.exporters(), [Some(_), _]));
            let keys = if has_one { turn.phase.keys_mut() } else { None };
            let Some(bound) = keys.and_then(|keys| keys.bound.as_mut()) else { return End::Pass(()) };
            bound.exporter = None;
            End::Commit(())
        });
    }
}

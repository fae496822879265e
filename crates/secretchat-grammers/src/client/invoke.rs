//! Calls, pauses and the time, as the layer needs them.

use std::time::Duration;

use secretchat::Timestamp;

use crate::answer::Answer;
use crate::call::{Call, Method};
use crate::failure::Failure;
use crate::fate::{Fate, fate};
use crate::save_part::SavePart;
use crate::tl::{RemoteCall, enums, functions};

/// After so many failures in a row a call is given up that no chat keeps.
const MOST_FAILURES: u32 = 8;

/// The world outside of the layer. The handle of grammers' pool is one; tests have a stand-in for the server.
///
/// The futures may be dropped at any time. Nobody knows then whether the server does the call.
pub trait Invoke {
    /// Makes a call once, in a data centre or, without one, in that of the account.
    fn invoke<C: RemoteCall>(&self, dc: Option<i32>, call: &C) -> impl Future<Output = Result<C::Return, Failure>>;

    /// Waits.
    fn pause(&self, pause: Duration) -> impl Future<Output = ()>;

    /// Returns the current wall-clock time.
    fn now(&self) -> Timestamp;
}

/// Makes a call of a chat.
pub(super) async fn make(invoke: &impl Invoke, call: &Call) -> Result<Answer, Failure> {
    match call {
        Call::Accept(call) => invoke.invoke(None, call).await.map(Answer::Chat),
        Call::Discard(call) => invoke.invoke(None, call).await.map(Answer::Done),
        Call::Send(call) => invoke.invoke(None, call).await.map(Answer::Sent),
        Call::SendFile(call) => invoke.invoke(None, call).await.map(Answer::Sent),
        Call::SendService(call) => invoke.invoke(None, call).await.map(Answer::Sent),
        Call::Read(call) => invoke.invoke(None, call).await.map(Answer::Done),
        Call::Typing(call) => invoke.invoke(None, call).await.map(Answer::Done),
    }
}

/// Makes the call that saves a part.
pub(super) async fn save(invoke: &impl Invoke, call: &SavePart) -> Result<bool, Failure> {
    match call {
        SavePart::Small(call) => invoke.invoke(None, call).await,
        SavePart::Big(call) => invoke.invoke(None, call).await,
    }
}

/// Makes a call in a data centre, to which the account may have to be exported first.
pub(super) async fn make_in<C: RemoteCall>(invoke: &impl Invoke, dc_id: i32, call: &C) -> Result<C::Return, Failure> {
    match invoke.invoke(Some(dc_id), call).await {
        Err(Failure::Server(error)) if error.code() == 401 => {
            let exported = invoke.invoke(None, &functions::auth::ExportAuthorization { dc_id }).await?;
            let enums::auth::ExportedAuthorization::Authorization(exported) = exported;
            let import = functions::auth::ImportAuthorization { id: exported.id, bytes: exported.bytes };
            invoke.invoke(Some(dc_id), &import).await?;
            invoke.invoke(Some(dc_id), call).await
        }
        outcome => outcome,
    }
}

/// Decides whether a call is made again that no chat keeps, and when.
#[derive(Debug, Default)]
pub(super) struct Patience {
    failures: u32,
}

impl Patience {
    /// Returns the pause before the call is made again: the one that the server names, or one that grows with each failure.
    ///
    /// # Errors
    /// The failure, if it is one for good, or one too many.
    pub(super) fn pause(&mut self, method: Method, failure: Failure) -> Result<Duration, Failure> {
        let named = match &failure {
            Failure::Server(error) if fate(method, error) != Fate::Again => return Err(failure),
            Failure::Server(error) if error.code() == 420 => error.value(),
            Failure::Server(_) | Failure::Lost => None,
        };
        if self.failures >= MOST_FAILURES {
            return Err(failure);
        }
        let seconds = named.unwrap_or(1 << self.failures);
        self.failures += 1;
        Ok(Duration::from_secs(seconds.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ServerError;

    fn server(code: i32, message: &str) -> Failure {
        ServerError::new(code, message).into()
    }

    #[test]
    fn patience_follows_the_table_of_fates() {
        let pause = |method, failure| Patience::default().pause(method, failure).map(|pause| pause.as_secs());
        assert_eq!(pause(Method::Upload, server(420, "FLOOD_WAIT_31")), Ok(31));
        assert_eq!(pause(Method::Download, server(420, "FLOOD_PREMIUM_WAIT_3")), Ok(3));
        assert_eq!(pause(Method::Upload, server(400, "NEVER_SEEN")), Ok(1));
        assert_eq!(pause(Method::Upload, server(500, "INTERDC_2_CALL_ERROR")), Ok(1), "that number is no pause");
        for (method, name) in [
            (Method::Upload, "FILE_PART_TOO_BIG"),
            (Method::Download, "LOCATION_INVALID"),
            (Method::Request, "USER_ID_INVALID"),
        ] {
            assert_eq!(pause(method, server(400, name)), Err(server(400, name)));
        }
    }

    #[test]
    fn patience_ends() {
        let mut patience = Patience::default();
        let pauses: Vec<_> = (0..8).map(|_| patience.pause(Method::Upload, Failure::Lost).unwrap().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128]);
        assert_eq!(patience.pause(Method::Upload, Failure::Lost), Err(Failure::Lost));
        assert_eq!(patience.pause(Method::Upload, server(420, "FLOOD_WAIT_1")), Err(server(420, "FLOOD_WAIT_1")));
    }
}

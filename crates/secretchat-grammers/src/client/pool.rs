//! Calls over grammers' pool of connections.

use std::time::{Duration, SystemTime};

use grammers_client::InvocationError;
use grammers_client::sender::SenderPoolFatHandle;
use secretchat::Timestamp;

use super::invoke::Invoke;
use crate::failure::{Failure, ServerError};
use crate::tl::{Deserializable, RemoteCall};

/// The handle and not the client, because the client makes a call again by itself after an error of the connection. Nobody
/// would know then that an answer was lost, and whose acceptance it was that the server has.
impl Invoke for SenderPoolFatHandle {
    async fn invoke<C: RemoteCall>(&self, dc: Option<i32>, call: &C) -> Result<C::Return, Failure> {
        let dc = match dc {
            Some(dc) => dc,
            None => self.session.home_dc_id().map_err(|_| Failure::Lost)?,
        };
        let bytes = self.thin.raw_invoke_in_dc(dc, call.to_bytes()).await?;
        C::Return::from_bytes(&bytes).map_err(|_| Failure::Lost)
    }

    async fn pause(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }

    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

/// Everything but an error of the server counts as lost, so that the call is made again.
impl From<InvocationError> for Failure {
    fn from(error: InvocationError) -> Self {
        match error {
            InvocationError::Rpc(error) => ServerError::from_parts(error.code, error.name, error.value).into(),
            _ => Self::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};

    use grammers_client::SenderPool;
    use grammers_client::sender::RpcError;
    use grammers_client::session::storages::MemorySession;
    use secretchat::StoreKey;
    use secretchat::rand_core::UnwrapErr;
    use secretchat::store::MemoryStore;

    use super::*;
    use crate::client::{self, Chats};
    use crate::tl::{enums, functions, types};
    use crate::upload::Upload;

    /// Both grammers and this crate take the number out of a name. The table of fates needs the same names.
    #[test]
    fn errors_of_the_server_keep_their_names() {
        for (code, message) in [
            (400, "ENCRYPTION_DECLINED"),
            (420, "FLOOD_WAIT_31"),
            (420, "FLOOD_PREMIUM_WAIT_5"),
            (400, "FILE_PART_17_MISSING"),
            (303, "FILE_MIGRATE_4"),
            (500, "RPC_CALL_FAIL"),
        ] {
            let error = RpcError::from(types::RpcError { error_code: code, error_message: message.into() });
            let expected = Failure::Server(ServerError::new(code, message));
            assert_eq!(Failure::from(InvocationError::Rpc(error)), expected);
        }
        // It has a number in its name that grammers counts as a value.
        let error = types::RpcError { error_code: 400, error_message: "MD5_CHECKSUM_INVALID".into() };
        let Failure::Server(error) = InvocationError::Rpc(error.into()).into() else {
            panic!("an error of the server")
        };
        assert_eq!((error.code(), error.name()), (400, "MD5_CHECKSUM_INVALID"));
    }

    #[test]
    fn whatever_else_happens_is_a_loss() {
        for error in [
            InvocationError::Io(io::ErrorKind::ConnectionReset.into()),
            InvocationError::Dropped("it ended"),
            InvocationError::InvalidDc,
        ] {
            assert_eq!(Failure::from(error), Failure::Lost);
        }
    }

    #[test]
    fn a_pool_that_does_not_run_loses_the_call() {
        let pool = SenderPool::new(Arc::new(MemorySession::default()), 1);
        drop(pool.runner);
        let call = pin!(pool.handle.invoke(None, &functions::updates::GetState {}));
        let Poll::Ready(outcome) = call.poll(&mut Context::from_waker(Waker::noop())) else { panic!("it waits") };
        assert_eq!(outcome.err(), Some(Failure::Lost));
    }

    /// A host may run its loop, uploads and downloads in any task.
    #[test]
    fn the_futures_may_move_between_threads() {
        fn is_send<T: Send>(_: &T) {}
        let pool = SenderPool::new(Arc::new(MemorySession::default()), 1);
        let (handle, store) = (pool.handle, Arc::new(Mutex::new(MemoryStore::default())));
        let mut rng = UnwrapErr(getrandom::SysRng);
        let mut upload = Upload::new(1, 0, handle.now(), &mut rng).unwrap();
        is_send(&client::upload(&handle, &mut upload, |_| Ok(vec![0]), |_| Ok(())));
        let mut chats = Chats::open(handle, store, StoreKey::new([1; 32]), rng).unwrap();
        is_send(&chats.next());
        is_send(&chats.rest());
        is_send(&chats.confirm(std::future::ready(Ok::<_, Failure>(()))));
        is_send(&chats.ask(enums::InputUser::UserSelf, b""));
    }
}

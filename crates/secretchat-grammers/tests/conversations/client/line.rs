//! A stand-in for grammers' pool of connections.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use grammers_client::InvocationError;
use secretchat::Timestamp;
use secretchat_grammers::Failure;
use secretchat_grammers::client::Invoke;
use secretchat_grammers::tl::{Deserializable, Identifiable, RemoteCall, Serializable, enums, functions as f, types};

use crate::server::{Device, RpcError, Server};

/// Where the accounts are at home. The stand-in keeps its files elsewhere.
const HOME: i32 = 1;

/// What befalls the next call.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// Nothing: this is for the calls before the one that is meant.
    None,
    /// The server answers with this error and does nothing.
    Error(i32, &'static str),
    /// It never arrives.
    Lost,
    /// It takes effect, and its answer never comes: the caller waits.
    Hangs,
}

/// A method that was called, with the data centre if one was named.
type Called = (u32, Option<i32>);

/// What all connections share.
pub(super) struct Net {
    pub(super) server: Server,
    /// How long was waited, in seconds.
    pub(super) pauses: Vec<u64>,
}

/// The connections of one device. They are in fine weather, except for its troubles.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) net: Rc<RefCell<Net>>,
    pub(super) device: Device,
    pub(super) troubles: Rc<RefCell<VecDeque<Trouble>>>,
    pub(super) called: Rc<RefCell<Vec<Called>>>,
    /// The data centres that the account was exported to.
    exported: Rc<RefCell<BTreeSet<i32>>>,
}

impl Line {
    pub(super) fn new(net: &Rc<RefCell<Net>>, device: Device) -> Self {
        let net = Rc::clone(net);
        Self { net, device, troubles: Rc::default(), called: Rc::default(), exported: Rc::default() }
    }

    pub(super) fn trouble(&self, trouble: impl IntoIterator<Item = Trouble>) {
        self.troubles.borrow_mut().extend(trouble);
    }

    /// How often a method was called.
    pub(super) fn times(&self, method: u32) -> usize {
        self.called.borrow().iter().filter(|(called, _)| *called == method).count()
    }

    fn answer(&self, dc: i32, bytes: &[u8]) -> Result<Vec<u8>, RpcError> {
        let (method, arguments) = bytes.split_first_chunk().unwrap();
        match u32::from_le_bytes(*method) {
            f::auth::ExportAuthorization::CONSTRUCTOR_ID => {
                assert_eq!(dc, HOME);
                let asked = f::auth::ExportAuthorization::from_bytes(arguments)?;
                let exported = types::auth::ExportedAuthorization { id: asked.dc_id.into(), bytes: vec![7; 3] };
                Ok(enums::auth::ExportedAuthorization::from(exported).to_bytes())
            }
            f::auth::ImportAuthorization::CONSTRUCTOR_ID => {
                let asked = f::auth::ImportAuthorization::from_bytes(arguments)?;
                if (asked.id, &asked.bytes[..]) != (dc.into(), &[7; 3]) {
                    return Err(RpcError::bad("AUTH_BYTES_INVALID"));
                }
                self.exported.borrow_mut().insert(dc);
                let user = types::UserEmpty { id: 1 }.into();
                let authorization = types::auth::Authorization {
                    setup_password_required: false,
                    otherwise_relogin_days: None,
                    tmp_sessions: None,
                    future_auth_token: None,
                    user,
                };
                Ok(enums::auth::Authorization::from(authorization).to_bytes())
            }
            _ if dc != HOME && !self.exported.borrow().contains(&dc) => {
                Err(RpcError::new(401, "AUTH_KEY_UNREGISTERED"))
            }
            f::upload::GetFile::CONSTRUCTOR_ID if dc != 2 => Err(RpcError::new(303, "FILE_MIGRATE_2")),
            _ => self.net.borrow_mut().server.call(self.device, bytes),
        }
    }
}

impl Invoke for Line {
    async fn invoke<C: RemoteCall>(&self, dc: Option<i32>, call: &C) -> Result<C::Return, Failure> {
        let bytes = call.to_bytes();
        self.called.borrow_mut().push((u32::from_bytes(&bytes).unwrap(), dc));
        let trouble = self.troubles.borrow_mut().pop_front().unwrap_or(Trouble::None);
        let answer = match trouble {
            Trouble::None => self.answer(dc.unwrap_or(HOME), &bytes),
            Trouble::Error(code, name) => Err(RpcError::new(code, name)),
            Trouble::Lost => return Err(Failure::Lost),
            Trouble::Hangs => {
                let _answer = self.answer(dc.unwrap_or(HOME), &bytes);
                std::future::pending().await
            }
        };
        match answer {
            Ok(bytes) => Ok(C::Return::from_bytes(&bytes).unwrap()),
            // As it comes from grammers.
            Err(RpcError { code: error_code, name: error_message }) => {
                Err(InvocationError::Rpc(types::RpcError { error_code, error_message }.into()).into())
            }
        }
    }

    async fn pause(&self, pause: Duration) {
        let mut net = self.net.borrow_mut();
        net.pauses.push(pause.as_secs());
        net.server.now += i32::try_from(pause.as_millis().div_ceil(1_000)).unwrap();
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_telegram(self.net.borrow().server.now)
    }
}

/// Returns what comes of a future, or `None` if it waits.
pub(super) fn poll<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    }
}

/// Returns what comes of a future that does not wait.
pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    poll(future).expect("it waits")
}

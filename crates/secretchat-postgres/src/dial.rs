//! A connection of any kind, with or without TLS.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Config, Error, Socket};

/// How long a new connection may take, where the host's configuration names no time.
const CONNECT: Duration = Duration::from_secs(5);

type Dialled = Result<(Client, JoinHandle<()>), Error>;

/// Connects; so the types of the store need not name that of the TLS library.
pub(crate) trait Dial: Send + Sync {
    /// Connects, and spawns a task that drives the connection. It calls `woken` at each notification and at the end.
    fn dial(&self, woken: Arc<Notify>) -> Pin<Box<dyn Future<Output = Dialled> + Send + '_>>;
}

impl fmt::Debug for dyn Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}

struct With<T> {
    config: Config,
    tls: T,
}

/// Returns how to connect with this configuration.
pub(crate) fn with<T>(mut config: Config, tls: T) -> Arc<dyn Dial>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_application_name().is_none() {
        config.application_name("secretchat-postgres");
    }
    Arc::new(With { config, tls })
}

impl<T> Dial for With<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn dial(&self, woken: Arc<Notify>) -> Pin<Box<dyn Future<Output = Dialled> + Send + '_>> {
        Box::pin(async move {
            let (client, mut connection) = self.config.connect(self.tls.clone()).await?;
            let task = tokio::spawn(async move {
                while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                    if matches!(message, AsyncMessage::Notification(_)) {
                        woken.notify_one();
                    }
                }
                // Whoever waits for a notification would otherwise do so in vain.
                woken.notify_one();
            });
            Ok((client, task))
        })
    }
}

//! The connections for the farm's own table.

use std::time::Duration;

use anyhow::{Result, bail};
use secretchat_postgres::tokio_postgres::{Client, Config, NoTls};
use tokio::time::sleep;

/// Connects, and waits up to a minute for a server that is being started.
pub(crate) async fn connect(config: &Config) -> Result<Client> {
    for _ in 0..600 {
        if let Ok((client, connection)) = config.connect(NoTls).await {
            tokio::spawn(connection);
            return Ok(client);
        }
        sleep(Duration::from_millis(100)).await;
    }
    bail!("the server does not come back")
}

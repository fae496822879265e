//! `message-paths PATH TIMES` takes a path of a message so many times, and prints nothing.

use std::env;
use std::error::Error;

use message_paths::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let [path, times] = &env::args().skip(1).collect::<Vec<_>>()[..] else {
        return Err("message-paths PATH TIMES".into());
    };
    let path = Path::ALL.into_iter().find(|known| known.name() == path).ok_or("no such path")?;
    path.take(times.parse()?);
    Ok(())
}

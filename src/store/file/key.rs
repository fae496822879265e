//! The store key, in a file.

use std::io;
use std::path::Path;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::folder::{Directory, Folder};
use crate::record::StoreKey;

/// Reads the store key from a file. If there is no file, draws a key and writes it durably. On Unix only the owner can read
/// the file.
///
/// **Anyone who has the file can read the chats.** Use it only where the system offers nothing better. A phone keeps the key
/// in its keychain.
///
/// ```
/// # use getrandom::SysRng;
/// # use secretchat::rand_core::UnwrapErr;
/// use secretchat::store::key_file;
///
/// # let path = std::env::temp_dir().join(format!("secretchat-key-file-{}", std::process::id()));
/// let key = key_file(&path, &mut UnwrapErr(SysRng))?;
/// # drop(key);
/// # std::fs::remove_file(path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The file system's; [`io::ErrorKind::InvalidData`] for a file that is not 32 bytes long.
pub fn key_file(path: impl AsRef<Path>, rng: &mut dyn CryptoRng) -> io::Result<StoreKey> {
    let path = path.as_ref();
    let names = (path.parent(), path.file_name().and_then(|name| name.to_str()));
    let (Some(parent), Some(name)) = names else { return Err(io::ErrorKind::InvalidInput.into()) };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let mut folder = Directory(parent.into());
    match folder.read(name).map(Zeroizing::new) {
        Ok(bytes) => key(&bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill_bytes(&mut *bytes);
            write(&mut folder, name, &*bytes)?;
            key(&*bytes)
        }
        Err(error) => Err(error),
    }
}

fn key(bytes: &[u8]) -> io::Result<StoreKey> {
    let key = bytes.try_into().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a key has 32 bytes"))?;
    Ok(StoreKey::new(key))
}

/// Writes the whole file or none: an incomplete key would be useless.
fn write(folder: &mut impl Folder, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = std::format!("{name}.new");
    if folder.names()?.contains(&new) {
        // A crash left it. Nothing was ever sealed under that key.
        folder.remove(&new)?;
    }
    let mut file = folder.create(&new, bytes)?;
    folder.sync(&mut file)?;
    folder.rename(&new, name)?;
    folder.sync_names()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::types::env::rng_from_fn;

    use super::*;

    /// Whatever has the name and is no file stays: a new key would make the chats of the old one unreadable.
    #[cfg(unix)]
    #[test]
    fn only_a_missing_file_is_replaced_by_a_new_key() {
        let folder = std::env::temp_dir().join(std::format!("secretchat-key-link-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let (path, other) = (folder.join("key"), folder.join("other"));
        fs::write(&other, [1; 32]).unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        let refused = key_file(&path, &mut rng_from_fn(|to| to.fill(2))).map(drop);
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_file_is_written_once_and_read_from_then_on() {
        let folder = std::env::temp_dir().join(std::format!("secretchat-key-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("key");
        // A process died while it wrote.
        fs::write(folder.join("key.new"), [7; 5]).unwrap();
        for drawn in [1, 2] {
            let key = key_file(&path, &mut rng_from_fn(|to| to.fill(drawn))).unwrap();
            assert_eq!(*key.secret().expose(), [1; 32]);
            assert_eq!(fs::read(&path).unwrap(), [1; 32]);
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for len in [0, 31, 33] {
            fs::write(&path, std::vec![1; len]).unwrap();
            let refused = key_file(&path, &mut rng_from_fn(|to| to.fill(3))).map(drop);
            assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::InvalidData, "{len} bytes");
        }
        assert_eq!(
            key_file(folder.join(".."), &mut rng_from_fn(|to| to.fill(3))).map(drop).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        fs::remove_dir_all(folder).unwrap();
    }
}

//! A folder that forgets, at a power cut, what was not synced.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use crate::store::file::folder::Folder;

type Names = BTreeMap<String, usize>;

/// A file: what the medium has of it, and what the system shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    pub(super) durable: Vec<u8>,
    pub(super) seen: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) inodes: Vec<Inode>,
    /// The names on the medium, then after each change since. A power cut leaves any of these.
    names: Vec<Names>,
    /// Calls until the power fails.
    pub(super) fuse: Option<usize>,
    pub(super) calls: Vec<&'static str>,
}

/// Shared, so that it outlives the store.
#[derive(Clone, Debug)]
pub(super) struct Fake(pub(super) Rc<RefCell<Disk>>);

impl Fake {
    pub(super) fn new(files: &[(&str, &[u8])]) -> Self {
        let mut disk = Disk::default();
        let mut names = Names::new();
        for (name, bytes) in files {
            names.insert((*name).to_string(), disk.inodes.len());
            disk.inodes.push(Inode { durable: bytes.to_vec(), seen: bytes.to_vec() });
        }
        disk.names = vec![names];
        Self(Rc::new(RefCell::new(disk)))
    }

    fn call(&self, name: &'static str) -> io::Result<()> {
        let mut disk = self.0.borrow_mut();
        if let Some(fuse) = &mut disk.fuse {
            *fuse = fuse.checked_sub(1).ok_or(io::ErrorKind::Other)?;
        }
        disk.calls.push(name);
        Ok(())
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Names) -> io::Result<()>) -> io::Result<()> {
        let mut disk = self.0.borrow_mut();
        let mut names = disk.names.last().cloned().unwrap_or_default();
        change(&mut names)?;
        disk.names.push(names);
        Ok(())
    }

    pub(super) fn inode(&self, name: &str) -> io::Result<usize> {
        let disk = self.0.borrow();
        disk.names.last().and_then(|names| names.get(name)).copied().ok_or(io::ErrorKind::NotFound.into())
    }

    /// Every state that a power cut may leave: names of any time since they were synced; a file that was not synced is
    /// empty, a half, zeros, or there.
    pub(super) fn after_a_cut(&self) -> Vec<Vec<(String, Vec<u8>)>> {
        let disk = self.0.borrow();
        let mut states = Vec::new();
        for names in &disk.names {
            for torn in 0..4 {
                let file = |inode: &Inode| match torn {
                    _ if inode.durable == inode.seen => inode.seen.clone(),
                    0 => inode.durable.clone(),
                    1 => inode.seen[..inode.seen.len() / 2].to_vec(),
                    2 => vec![0; inode.seen.len()],
                    _ => inode.seen.clone(),
                };
                states.push(names.iter().map(|(name, inode)| (name.clone(), file(&disk.inodes[*inode]))).collect());
            }
        }
        states
    }

    /// Returns whether any file, named or not, has it on the medium.
    pub(super) fn holds(&self, what: &[u8]) -> bool {
        self.0.borrow().inodes.iter().any(|inode| contains(&inode.durable, what))
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

impl Folder for Fake {
    type File = usize;

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.borrow().names.last().map(|names| names.keys().cloned().collect()).unwrap_or_default())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let inode = self.inode(name)?;
        Ok(self.0.borrow().inodes[inode].seen.clone())
    }

    fn tail(&self, name: &str, length: usize) -> io::Result<Vec<u8>> {
        let bytes = self.read(name)?;
        Ok(bytes[bytes.len().saturating_sub(length)..].to_vec())
    }

    fn create(&mut self, name: &str, bytes: &[u8]) -> io::Result<usize> {
        self.call("create")?;
        let inode = self.0.borrow().inodes.len();
        self.0.borrow_mut().inodes.push(Inode { durable: Vec::new(), seen: bytes.to_vec() });
        let there = io::Error::from(io::ErrorKind::AlreadyExists);
        self.change(|names| names.insert(name.to_string(), inode).map_or(Ok(()), |_| Err(there)))?;
        Ok(inode)
    }

    fn open(&mut self, name: &str) -> io::Result<usize> {
        self.call("open")?;
        self.inode(name)
    }

    fn sync(&mut self, file: &mut usize) -> io::Result<()> {
        self.call("sync")?;
        let mut disk = self.0.borrow_mut();
        disk.inodes[*file].durable = disk.inodes[*file].seen.clone();
        Ok(())
    }

    fn wipe(&mut self, file: usize) -> io::Result<()> {
        self.call("wipe")?;
        let mut disk = self.0.borrow_mut();
        let zeros = vec![0; disk.inodes[file].seen.len()];
        disk.inodes[file] = Inode { durable: zeros.clone(), seen: zeros };
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.call("rename")?;
        self.change(|names| {
            let inode = names.remove(from).ok_or(io::ErrorKind::NotFound)?;
            names.insert(to.to_string(), inode);
            Ok(())
        })
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.call("remove")?;
        self.change(|names| names.remove(name).map(drop).ok_or(io::ErrorKind::NotFound.into()))
    }

    fn sync_names(&mut self) -> io::Result<()> {
        self.call("sync names")?;
        let mut disk = self.0.borrow_mut();
        let newest = disk.names.len() - 1;
        disk.names.drain(..newest);
        Ok(())
    }
}

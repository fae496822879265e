//! The layer over grammers-client, driven over the stand-in for the server. grammers' own logic of updates is the real one;
//! only its connections are replaced.

mod files;
mod host;
mod line;
mod receiver;
mod talks;
mod troubles;

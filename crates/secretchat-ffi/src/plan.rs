//! The first reading of a file that can go on after an interruption.

use alloc::boxed::Box;
use core::fmt;

use secretchat::media::{Plan, ResumableMediaEncryptor};
use secretchat::{MediaError, rng_from_fn};

use crate::border::{In, Out};
use crate::config::form;
use crate::env::ScEnv;
use crate::error::{Fault, Own, ScStatus, guard};
use crate::resume;
use crate::stream::{ScEncryptor, ScProgress};

/// How many bytes a token draws.
const NONCE_LEN: usize = 12;

/// Reads a file that will be encrypted, once. It is read a second time to encrypt it.
pub struct ScPlan(Option<Plan<ResumableMediaEncryptor>>);

/// Begins a file of `size` bytes for a chat of this profile, under a new key, which can go on after an interruption.
///
/// Pass its whole content to `sc_plan_take`, then end the plan, and encrypt with what that gives. Whatever happens to
/// the file meanwhile, no place of it is encrypted with two contents.
#[unsafe(no_mangle)]
pub extern "C" fn sc_plan_new(
    profile: u16,
    size: u64,
    env: Option<&mut ScEnv>,
    out: Out<Option<Box<ScPlan>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (form, env) = (form(profile)?, env.ok_or(Own::Null)?);
        out.hand(ScPlan(Some(env.lend(|env| ResumableMediaEncryptor::plan(form, size, env.rng))?)));
        Ok(())
    })
}

/// Takes the next bytes of the content, in pieces of any length.
#[unsafe(no_mangle)]
pub extern "C" fn sc_plan_take(plan: Option<&mut ScPlan>, content: In<u8>, len: usize) -> ScStatus {
    guard(|| Ok(plan.ok_or(Own::Null)?.0.as_mut().ok_or(Own::Use)?.take(content.slice(len)?)?))
}

/// Writes how much of the content was taken.
#[unsafe(no_mangle)]
pub extern "C" fn sc_plan_progress(plan: Option<&ScPlan>, out: Out<ScProgress>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.put(ScProgress::of(plan.ok_or(Own::Null)?.0.as_ref().ok_or(Own::Use)?.progress()));
        Ok(())
    })
}

/// Ends a plan that has taken all of the content. `encryptor` gets the encryptor, `token` the `SC_RESUME_TOKEN_LEN` bytes
/// of its start, for the `SC_RESUME_KEY_LEN` bytes of the host's key. Store the token, and the key of
/// `sc_encryptor_key`, before the first byte is sent. Free the plan afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_plan_finish(
    plan: Option<&mut ScPlan>,
    host_key: In<u8>,
    env: Option<&mut ScEnv>,
    encryptor: Out<Option<Box<ScEncryptor>>>,
    token: Out<u8>,
) -> ScStatus {
    guard(|| {
        encryptor.check()?;
        token.check()?;
        let (plan, host, env) = (plan.ok_or(Own::Null)?, resume::host_key(host_key)?, env.ok_or(Own::Null)?);
        if plan.0.as_ref().ok_or(Own::Use)?.progress().left() != 0 {
            return Err(MediaError::Truncated.into());
        }
        let (run, start) = env.lend(|env| {
            // Drawn before the plan is given up, so that it is still there if there is no randomness.
            let mut nonce = [0; NONCE_LEN];
            env.rng.fill_bytes(&mut nonce);
            let mut drawn = Some(nonce);
            let mut rng = rng_from_fn(|to: &mut [u8]| match drawn.take_if(|nonce| nonce.len() == to.len()) {
                Some(nonce) => to.copy_from_slice(&nonce),
                None => env.rng.fill_bytes(to),
            });
            plan.0.take().ok_or(Own::Use)?.finish(&host, &mut rng).map_err(Fault::from)
        })?;
        encryptor.hand(ScEncryptor::resumable(run));
        token.put_all(&start);
        Ok(())
    })
}

/// Frees a plan.
#[unsafe(no_mangle)]
pub extern "C" fn sc_plan_free(plan: Option<Box<ScPlan>>) {
    drop(plan);
}

impl fmt::Debug for ScPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

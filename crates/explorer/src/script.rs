//! A script: the steps from the first world to what must not be, one a line. It runs as a test.

use std::fmt;
use std::str::FromStr;

use crate::closing;
use crate::end::End;
use crate::invariants::{self, Violation};
use crate::play::Living;
use crate::settings::Settings;
use crate::step::Step;
use crate::world::{Failed, first, one_step};

/// Steps, in order, and whether a closing phase follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The steps.
    pub steps: Vec<Step>,
    /// Whether a fair network and willing users follow, and whether they begin with what was on its way.
    pub closes: Option<Closes>,
    /// Whether the chats live on, each call beside that of a twin which is restored from the records.
    pub twins: bool,
}

/// How a closing phase begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closes {
    /// What was sent before is lost.
    Lost,
    /// What was sent before arrives, in order.
    Brought,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The line that is no step.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line {
                "then all is lost, and comes to rest" => script.closes = Some(Closes::Lost),
                "then all arrives, and comes to rest" => script.closes = Some(Closes::Brought),
                "beside a twin" => script.twins = true,
                _ => script.steps.push(Step::from_str(line)?),
            }
        }
        Ok(script)
    }

    /// Runs the script and returns the two ends.
    ///
    /// # Errors
    /// The violation that it leads to, or a step that is not possible.
    pub fn run(&self, settings: &Settings) -> Result<[End; 2], Failed> {
        let ends = if self.twins { self.lives(settings)? } else { self.restores(settings)? };
        if let Some(closes) = self.closes {
            closing::comes_to_rest(settings, [&ends[0], &ends[1]], closes).map_err(Failed::Violation)?;
        }
        Ok(ends)
    }

    fn restores(&self, settings: &Settings) -> Result<[End; 2], Failed> {
        let mut ends = first(settings).map_err(Failed::Violation)?;
        for step in &self.steps {
            let side = step.side();
            ends[side] = one_step(settings, &ends[side], &ends[1 - side], *step)?.0;
            invariants::between([&ends[0], &ends[1]], settings.rollbacks > 0).map_err(Failed::Violation)?;
        }
        Ok(ends)
    }

    fn lives(&self, settings: &Settings) -> Result<[End; 2], Failed> {
        let mut living = Living::first(settings).map_err(Failed::Violation)?;
        self.steps.iter().try_for_each(|step| living.take(*step))?;
        Ok(living.ends().clone())
    }

    /// Returns the same violation with fewer steps, as far as leaving out single steps helps.
    #[must_use]
    pub fn shortened(&self, settings: &Settings, violation: &Violation) -> Self {
        let fails = |script: &Self| match script.run(settings) {
            Err(Failed::Violation(found)) => found.invariant == violation.invariant,
            _ => false,
        };
        let mut shortest = self.clone();
        let mut place = shortest.steps.len();
        while place > 0 {
            place -= 1;
            let mut shorter = shortest.clone();
            shorter.steps.remove(place);
            if fails(&shorter) {
                shortest = shorter;
                place = place.min(shortest.steps.len());
            }
        }
        shortest
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.twins {
            writeln!(f, "beside a twin")?;
        }
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        match self.closes {
            Some(Closes::Lost) => writeln!(f, "then all is lost, and comes to rest"),
            Some(Closes::Brought) => writeln!(f, "then all arrives, and comes to rest"),
            None => Ok(()),
        }
    }
}

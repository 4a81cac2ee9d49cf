//! Whether a recipe makes sense, before anything is computed from it.

use super::flaw::{Flaw, flaw, suggest};
use super::{Arm, ModelShape, Optimiser, Recipe};
use phi_growth::{Blueprint, Method};

impl Recipe {
    /// Checks names, sizes and what refers to what; the first `written` arms are the file's own, the rest its matrix'.
    pub(super) fn check(&self, written: usize) -> Result<(), Flaw> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || self.name.starts_with('.') || !self.name.chars().all(is_plain) {
            return Err(flaw("name", format!("{:?} can't name a folder: use letters, digits, - and _", self.name)));
        }
        self.check_sizes()?;
        self.check_seeds()?;
        self.check_data()?;
        for (name, shape) in [("small", self.small), ("large", self.large)] {
            self.check_shape(name, shape)?;
        }
        self.check_optimiser("pretrain.optimiser", &self.pretrain.optimiser)?;
        self.check_optimiser("align.optimiser", &self.align.optimiser)?;
        for (i, arm) in self.arms.iter().enumerate() {
            let at = if i < written { format!("arms[{i}]") } else { "matrix".into() };
            self.check_arm(&at, arm)?;
        }
        self.check_arm_names(written)?;
        self.check_compute()?;
        self.check_comparisons()?;
        self.check_suites()
    }

    fn check_seeds(&self) -> Result<(), Flaw> {
        if self.seeds.is_empty() {
            return Err(flaw("seeds", "it is empty; give at least one"));
        }
        let mut seeds = self.seeds.clone();
        seeds.sort_unstable();
        match seeds.windows(2).find(|w| w[0] == w[1]) {
            Some(twice) => Err(flaw("seeds", format!("{} stands twice; its runs would be the same", twice[0]))),
            None => Ok(()),
        }
    }

    fn check_data(&self) -> Result<(), Flaw> {
        for (name, data) in &self.data {
            for (part, share) in data.shares() {
                if !(0.0..=1.0).contains(&share) {
                    return Err(flaw(format!("data.{name}.{part}"), format!("{share} is no share from 0 to 1")));
                }
            }
            if data.code > 0.0 && data.filtered_code > 0.0 {
                let reason = "it stands beside code, of which it would be a part again; give one of the two";
                return Err(flaw(format!("data.{name}.filtered_code"), reason));
            }
            if data.path.is_none() && data.shares().iter().all(|(_, share)| *share == 0.0) {
                return Err(flaw(format!("data.{name}"), "it holds nothing; give a share above 0, or a path"));
            }
        }
        Ok(())
    }

    fn check_shape(&self, field: &str, shape: ModelShape) -> Result<(), Flaw> {
        for (name, value, most) in [("hidden", shape.hidden, 1 << 14), ("layers", shape.layers, 256)] {
            check_size(&format!("{field}.{name}"), value as u64, 1, most)?;
        }
        self.config(shape).validate().map_err(|reason| flaw(field, reason))
    }

    fn check_optimiser(&self, field: &str, o: &Optimiser) -> Result<(), Flaw> {
        check_size(&format!("{field}.batch_rows"), o.batch_rows as u64, 1, 1 << 16)?;
        let between = |name: &str, value: f64, fits: bool, range: &str| {
            if fits { Ok(()) } else { Err(flaw(format!("{field}.{name}"), format!("{value} must {range}"))) }
        };
        let rate = o.learning_rate;
        between("learning_rate", rate, rate > 0.0 && rate <= 10.0, "be above 0 and at most 10")?;
        let decay = o.weight_decay;
        between("weight_decay", decay, (0.0..=10.0).contains(&decay), "lie between 0 and 10")?;
        let last = o.final_lr_fraction;
        between("final_lr_fraction", last, (0.0..=1.0).contains(&last), "lie between 0 and 1")?;
        o.train_spec(1).validate().map_err(|reason| flaw(field, reason))
    }

    fn check_arm(&self, at: &str, arm: &Arm) -> Result<(), Flaw> {
        if arm.name.trim().is_empty() || arm.name.chars().any(char::is_control) {
            return Err(flaw(format!("{at}.name"), format!("{:?} is no name", arm.name)));
        }
        if let Some(name) = &arm.data
            && !self.data.contains_key(name)
        {
            let names: Vec<&String> = self.data.keys().collect();
            let reason = format!("there is no [data.{name}]{}", suggest(name, &names));
            return Err(flaw(format!("{at}.data"), reason));
        }
        for (name, shape) in [("small", arm.small), ("large", arm.large)] {
            if let Some(shape) = shape {
                self.check_shape(&format!("{at}.{name}"), shape)?;
            }
        }
        if let Some(tau) = arm.prune {
            let at = format!("{at}.prune");
            if !(0.5..=1.0).contains(&tau) {
                return Err(flaw(at, format!("{tau} is no match rate from 0.5 to 1")));
            }
            if self.contamination.is_none() || !arm.align {
                let reason = "it needs [contamination], which says what exercises are compared with, and align = true";
                return Err(flaw(at, reason));
            }
        }
        if let Some(tokens) = arm.align_tokens {
            check_size(&format!("{at}.align_tokens"), tokens, 1, 1 << 44)?;
        }
        for (name, base, change) in [
            ("pretrain_optimiser", &self.pretrain.optimiser, &arm.pretrain_optimiser),
            ("align_optimiser", &self.align.optimiser, &arm.align_optimiser),
        ] {
            if let Some(change) = change {
                self.check_optimiser(&format!("{at}.{name}"), &base.with(change))?;
            }
        }
        if arm.init == Method::Scratch {
            return Ok(());
        }
        let shapes = (arm.small.unwrap_or(self.small), arm.large.unwrap_or(self.large));
        let blueprint = |shape| Blueprint::of_phi(&self.config(shape));
        blueprint(shapes.0)
            .and_then(|small| phi_growth::check(&small, &blueprint(shapes.1)?, &arm.growth(0)))
            .map_err(|e| flaw(format!("{at}.init"), e.to_string()))
    }

    fn check_arm_names(&self, written: usize) -> Result<(), Flaw> {
        let names: Vec<&str> = self.arms.iter().map(|a| a.name.as_str()).collect();
        let mut seen = std::collections::BTreeSet::new();
        if let Some(i) = names.iter().position(|name| !seen.insert(*name)) {
            let at = if i < written { format!("arms[{i}].name") } else { "matrix".into() };
            return Err(flaw(at, format!("two arms are called \"{}\"", names[i])));
        }
        match self.arms.iter().find(|a| a.name == self.baseline) {
            None => {
                let reason = format!("no arm is called \"{}\"{}", self.baseline, suggest(&self.baseline, &names));
                Err(flaw("baseline", reason))
            }
            Some(arm) if arm.control => Err(flaw("baseline", "it can't be a control arm")),
            Some(_) => Ok(()),
        }
    }

    fn check_comparisons(&self) -> Result<(), Flaw> {
        let names: Vec<&str> = self.arms.iter().map(|a| a.name.as_str()).collect();
        for (i, c) in self.comparisons.iter().enumerate() {
            for (side, name) in [("arm", &c.arm), ("against", &c.against)] {
                if !names.contains(&name.as_str()) {
                    let reason = format!("no arm is called \"{name}\"{}", suggest(name, &names));
                    return Err(flaw(format!("comparisons[{i}].{side}"), reason));
                }
            }
            let tasks: Vec<&str> = self.suites.iter().map(|s| s.task.as_str()).collect();
            if let Some(task) = c.task.as_deref().filter(|task| !tasks.contains(task)) {
                let reason = format!("no suite is \"{task}\"{}", suggest(task, &tasks));
                return Err(flaw(format!("comparisons[{i}].task"), reason));
            }
            if c.arm == c.against {
                return Err(flaw(format!("comparisons[{i}]"), format!("\"{}\" is held against itself", c.arm)));
            }
            if self.comparisons[..i].contains(c) {
                return Err(flaw(format!("comparisons[{i}]"), "it stands twice"));
            }
        }
        Ok(())
    }

    fn check_suites(&self) -> Result<(), Flaw> {
        let tasks: Vec<&str> = self.suites.iter().map(|s| s.task.as_str()).collect();
        for (i, suite) in self.suites.iter().enumerate() {
            phi_suites::Task::builtin(&suite.task).map_err(|e| flaw(format!("suites[{i}].task"), e.to_string()))?;
            suite.options(0).check().map_err(|e| flaw(format!("suites[{i}]"), e.to_string()))?;
            if tasks[..i].contains(&tasks[i]) {
                return Err(flaw(format!("suites[{i}].task"), format!("\"{}\" stands twice", suite.task)));
            }
        }
        if let Some(contamination) = &self.contamination {
            let task = &contamination.task;
            if !tasks.contains(&task.as_str()) {
                let reason = format!("no suite is \"{task}\"{}", suggest(task, &tasks));
                return Err(flaw("contamination.task", reason));
            }
            if !phi_suites::Task::builtin(task).is_ok_and(|task| task.is_code()) {
                return Err(flaw(
                    "contamination.task",
                    format!("{task} is no task of code; its answers have no syntax tree"),
                ));
            }
            check_size("contamination.min_nodes", contamination.min_nodes as u64, 1, 600)?;
        }
        if !tasks.contains(&self.primary.task.as_str()) {
            let reason = format!("no suite is \"{}\"{}", self.primary.task, suggest(&self.primary.task, &tasks));
            return Err(flaw("primary.task", reason));
        }
        let asks = self.pretrain.score_every.or(self.align.score_every).is_some();
        match self.suites.iter().position(|s| s.in_training) {
            Some(i) if !asks => {
                let reason = "nothing is scored in training; give pretrain.score_every or align.score_every";
                Err(flaw(format!("suites[{i}].in_training"), reason))
            }
            None if asks => {
                let at = if self.pretrain.score_every.is_some() { "pretrain" } else { "align" };
                let reason = "no suite has in_training = true, so models would be kept for nothing";
                Err(flaw(format!("{at}.score_every"), reason))
            }
            _ => Ok(()),
        }
    }

    /// Numbers so large that nobody means them, or too small to work with.
    fn check_sizes(&self) -> Result<(), Flaw> {
        let (c, p, a) = (&self.corpus, &self.pretrain, &self.align);
        let sizes = [
            ("corpus.exercises", c.exercises as u64, 1, 10_000_000),
            ("corpus.held_out", c.held_out as u64, 1, 1_000_000),
            ("corpus.textbooks", c.textbooks as u64, 0, 10_000_000),
            ("corpus.vocab_size", c.vocab_size as u64, 300, 1 << 20),
            ("corpus.seq_len", c.seq_len as u64, 16, 1 << 16),
            ("pretrain.small_tokens", p.small_tokens, 1, 1 << 44),
            ("pretrain.scratch_tokens", p.scratch_tokens, 1, 1 << 44),
            ("pretrain.score_every", p.score_every.unwrap_or(1), 1, 1 << 44),
            ("align.tokens", a.tokens, 1, 1 << 44),
            ("align.score_every", a.score_every.unwrap_or(1), 1, 1 << 44),
            ("retries", u64::from(self.retries), 0, 100),
            ("slurm.max_array", self.slurm.max_array.unwrap_or(1) as u64, 1, 1 << 22),
        ];
        sizes.into_iter().try_for_each(|(name, value, least, most)| check_size(name, value, least, most))
    }
}

fn check_size(field: &str, value: u64, least: u64, most: u64) -> Result<(), Flaw> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(flaw(field, format!("{value} must lie between {least} and {most}")))
}

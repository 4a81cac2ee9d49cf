//! What tells that a step's outputs are no longer what they were.
#![allow(clippy::unwrap_used)]

use phi_ablation::{OutputFolder, Plan, Recipe, StepState, Trust};
use phi_suites::DataRoot;
use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

struct Finished {
    _dir: tempfile::TempDir,
    folder: OutputFolder,
    plan: Plan,
    output: PathBuf,
}

impl Finished {
    /// A step that has left one output.
    fn new() -> Finished {
        let dir = tempfile::tempdir().unwrap();
        let recipe = Recipe::preset("smoke").unwrap();
        let plan = Plan::new(&recipe, &DataRoot::default()).unwrap();
        let folder = OutputFolder::open(&dir.path().join("out"), &recipe, false).unwrap();
        let step_dir = folder.step_dir(&plan.steps[0]);
        std::fs::create_dir_all(&step_dir).unwrap();
        let output = step_dir.join("stats.json");
        std::fs::write(&output, "{\"a\": 1}").unwrap();
        folder.finish(&plan.steps[0], 1.0, &["stats.json".to_owned()]).unwrap();
        Finished { _dir: dir, folder, plan, output }
    }

    fn state(&self, trust: Trust) -> StepState {
        self.folder.state(&self.plan.steps[0], trust)
    }

    fn set_time(&self, time: SystemTime) {
        File::options().append(true).open(&self.output).unwrap().set_modified(time).unwrap();
    }
}

#[test]
fn an_output_that_was_written_over_is_damaged_even_at_the_same_length() {
    let f = Finished::new();
    assert!(matches!(f.state(Trust::Stamps), StepState::Done(_)));
    std::fs::write(&f.output, "{\"a\": 2}").unwrap();
    f.set_time(SystemTime::now() + Duration::from_secs(5));
    assert!(matches!(f.state(Trust::Stamps), StepState::Damaged(reason) if reason == "stats.json has changed"));
    std::fs::write(&f.output, "{}").unwrap();
    assert!(matches!(f.state(Trust::Stamps), StepState::Damaged(reason) if reason.contains("8 bytes")));
    std::fs::remove_file(&f.output).unwrap();
    assert!(matches!(f.state(Trust::Stamps), StepState::Damaged(_)));
}

#[test]
fn what_the_disk_itself_has_changed_is_found_by_hashes() {
    let f = Finished::new();
    let time = std::fs::metadata(&f.output).unwrap().modified().unwrap();
    std::fs::write(&f.output, "{\"a\": 2}").unwrap();
    f.set_time(time);
    assert!(matches!(f.state(Trust::Stamps), StepState::Done(_)), "length and time are the same");
    assert!(matches!(f.state(Trust::Hashes), StepState::Damaged(_)));
}

#[test]
fn a_clock_that_jumps_and_a_copied_folder_do_no_harm() {
    let f = Finished::new();
    for time in [SystemTime::UNIX_EPOCH, SystemTime::now() + Duration::from_secs(1 << 30)] {
        f.set_time(time);
        assert!(matches!(f.state(Trust::Stamps), StepState::Done(_)));
        assert!(matches!(f.state(Trust::Stamps), StepState::Done(_)), "the new time is taken over");
    }
}

#[test]
fn a_half_written_record_is_damage_and_a_missing_one_is_work_to_do() {
    let f = Finished::new();
    let record = f.output.with_file_name("done.json");
    let text = std::fs::read(&record).unwrap();
    std::fs::write(&record, &text[..text.len() / 2]).unwrap();
    assert!(matches!(f.state(Trust::Stamps), StepState::Damaged(_)));
    std::fs::remove_file(&record).unwrap();
    assert_eq!(f.state(Trust::Stamps), StepState::ToDo);
}

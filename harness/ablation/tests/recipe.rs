//! Recipes: the matrix, what is matched, and that the book describes every field.
#![allow(clippy::unwrap_used)]

use phi_ablation::{Plan, Recipe, StepSpec};
use phi_suites::DataRoot;
use std::path::Path;

fn smoke() -> String {
    let (_, text) = phi_ablation::PRESETS.iter().find(|(name, _)| *name == "smoke").unwrap();
    (*text).to_owned()
}

fn plan(text: &str) -> (Recipe, Plan) {
    let recipe = Recipe::parse(text, "test").unwrap();
    let plan = Plan::new(&recipe, &DataRoot::default()).unwrap();
    (recipe, plan)
}

#[test]
fn a_matrix_is_the_product_of_its_axes_and_its_arms_share_what_they_have_in_common() {
    let text = smoke() + "\n[matrix]\ninit = [\"tiling\", \"stack-less\"]\n";
    assert!(Recipe::parse(&text, "test").unwrap_err().to_string().contains("stack-less"));
    let text = smoke()
        + "\n[data.code]\ncode = 0.5\n\n[matrix]\ninit = [\"tiling\", \"net2net\"]\ndata = [\"code\"]\n\
           [matrix.pretrain_optimiser]\nlearning_rate = [1e-3, 2e-3, 4e-3]\n";
    let (recipe, plan) = plan(&text);
    let names: Vec<&str> = recipe.arms[5..].iter().map(|arm| arm.name.as_str()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.contains(&"code/net2net/learning_rate=0.002"), "{names:?}");
    // One small model a seed for the preset's arms, one for the matrix', whose data are others.
    let small = plan.steps.iter().filter(|s| s.label.starts_with("pretrain small")).count();
    assert_eq!(small, 2 * recipe.seeds.len());
    let grown = plan.steps.iter().filter(|s| matches!(s.spec, StepSpec::Grow { .. })).count();
    assert_eq!(grown, (3 + 2) * recipe.seeds.len(), "growing doesn't depend on the learning rate of what follows");
    let mut labels: Vec<&str> = plan.steps.iter().map(|s| s.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), plan.steps.len(), "no two steps share a label");
    // What a recipe is written back as makes the same plan.
    let again = Recipe::parse(&recipe.to_toml(), "written back").unwrap();
    assert_eq!(Plan::new(&again, &DataRoot::default()).unwrap(), plan);
}

#[test]
fn arms_are_matched_by_flops_tokens_or_steps() {
    let arm = "\n[[arms]]\nname = \"half\"\ninit = \"scratch\"\nlarge = { hidden = 16, layers = 3, heads = 2 }\n\
               pretrain_optimiser = { batch_rows = 4 }\n";
    let trained = |match_by: &str| -> Vec<(u64, f64, u64)> {
        let text = smoke().replace("baseline =", &format!("match = \"{match_by}\"\nbaseline =")) + arm;
        let (recipe, plan) = plan(&text);
        let of = |name: &str| {
            let index = recipe.arms.iter().position(|a| a.name == name).unwrap();
            let cell = plan.cells.iter().find(|c| c.arm == index).unwrap();
            let StepSpec::Pretrain { train, .. } = &plan.steps[cell.pretrain].spec else { panic!("no pretraining") };
            (train.steps, plan.steps[cell.pretrain].forecast.flops, train.steps * train.batch_rows as u64)
        };
        vec![of("scratch"), of("half")]
    };
    let flops = trained("flops");
    assert!((flops[1].1 / flops[0].1 - 1.0).abs() < 0.05, "{flops:?}");
    let tokens = trained("tokens");
    assert!(tokens[1].2.abs_diff(tokens[0].2) <= 8, "{tokens:?}");
    let steps = trained("steps");
    assert_eq!(steps[0].0, steps[1].0);
}

/// The names of the fields that a table of a recipe has, as the reader lists them for one that it doesn't know.
fn fields(table: &str) -> Vec<String> {
    let text = match table {
        "" => format!("zzz = 1\n{}", smoke()),
        _ => format!("{}\n{table}\nzzz = 1\n", smoke()),
    };
    let error = Recipe::parse(&text, "test").unwrap_err().to_string();
    let listed = &error[error.find("unknown field").unwrap_or_else(|| panic!("{table}: {error}"))..];
    let listed = listed.lines().next().unwrap();
    listed.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_book_describes_every_field() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/recipe.md");
    let book = std::fs::read_to_string(book).unwrap();
    let tables = [
        "",
        "[data.x]",
        "[compute]",
        "[slurm]",
        "[[arms]]\nname = \"x\"\ninit = \"scratch\"",
        "[[arms]]\nname = \"x\"\ninit = \"scratch\"\n[arms.pretrain_optimiser]",
        "[[comparisons]]\narm = \"a\"\nagainst = \"b\"",
        "[[suites]]\ntask = \"piqa\"",
    ];
    let mut counted = 0;
    for table in tables {
        for field in fields(table) {
            counted += 1;
            let described = ["`", ".", "[`", "["].iter().any(|before| {
                ["`", ".", "`]", "]", "["].iter().any(|after| book.contains(&format!("{before}{field}{after}")))
            });
            assert!(described, "docs/src/recipe.md doesn't describe `{field}` of {table:?}");
        }
    }
    assert!(counted > 50, "only {counted} fields were found");
}

-- One row a run. `key` is the hash of the recipe; a save replaces the run of the same key.
CREATE TABLE runs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    key             TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    question        TEXT NOT NULL,
    recipe          TEXT NOT NULL,
    command         TEXT NOT NULL,
    started_unix_s  INTEGER NOT NULL,
    compute_s       REAL,
    baseline        TEXT NOT NULL,
    primary_task    TEXT NOT NULL,
    primary_metric  TEXT NOT NULL
) STRICT;

-- Facts about the machine (`environment`) and about the data (`corpus`), in order.
CREATE TABLE facts (
    run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('environment', 'corpus')),
    position  INTEGER NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (run_id, kind, position)
) STRICT, WITHOUT ROWID;

-- Suites that were asked for and could not be run.
CREATE TABLE left_out (
    run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    task      TEXT NOT NULL,
    why       TEXT NOT NULL,
    how       TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

-- One row an arm and seed. `growth_*` are null where the arm did not grow.
CREATE TABLE arms (
    id                                  INTEGER PRIMARY KEY,
    run_id                              INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position                            INTEGER NOT NULL,
    arm                                 TEXT NOT NULL,
    description                         TEXT NOT NULL,
    seed                                INTEGER NOT NULL,
    params                              INTEGER NOT NULL,
    inherited_flops                     REAL,
    pretrain_flops                      REAL,
    align_flops                         REAL,
    train_s                             REAL,
    is_control                          INTEGER NOT NULL CHECK (is_control IN (0, 1)),
    growth_method                       TEXT,
    growth_params_before                INTEGER,
    growth_params_after                 INTEGER,
    growth_val_loss_before              REAL,
    growth_val_loss_after               REAL,
    growth_block_cosine                 REAL,
    growth_block_cosine_after_training  REAL
) STRICT;
CREATE INDEX arms_by_run ON arms (run_id, position);

CREATE TABLE curve_points (
    arm_id      INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    phase       TEXT NOT NULL CHECK (phase IN ('pretrain', 'align')),
    step        INTEGER NOT NULL,
    tokens      INTEGER NOT NULL,
    flops       REAL,
    train_loss  REAL,
    val_loss    REAL,
    PRIMARY KEY (arm_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE scores (
    arm_id            INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    position          INTEGER NOT NULL,
    task              TEXT NOT NULL,
    metric            TEXT NOT NULL,
    value             REAL,
    stderr            REAL,
    n                 INTEGER NOT NULL,
    clusters          INTEGER NOT NULL,
    interval_low      REAL,
    interval_high     REAL,
    interval_method   TEXT NOT NULL,
    higher_is_better  INTEGER NOT NULL CHECK (higher_is_better IN (0, 1)),
    PRIMARY KEY (arm_id, position)
) STRICT, WITHOUT ROWID;

-- Prompts and targets are the same for every arm and seed: kept once a run.
CREATE TABLE texts (
    id      INTEGER PRIMARY KEY,
    run_id  INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    body    TEXT NOT NULL
) STRICT;
CREATE INDEX texts_by_run ON texts (run_id);

-- `prompt_id` and `target_id` are ids of `texts` (no foreign key: deleting a run would look up every text).
CREATE TABLE samples (
    arm_id       INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    task         TEXT NOT NULL,
    doc_id       INTEGER NOT NULL,
    key          TEXT NOT NULL,
    cluster      TEXT NOT NULL,
    group_label  TEXT NOT NULL,
    prompt_id    INTEGER NOT NULL,
    target_id    INTEGER NOT NULL,
    PRIMARY KEY (arm_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX samples_by_question ON samples (task, key);

-- The answers of a sample, by its position within the arm.
CREATE TABLE responses (
    arm_id          INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    sample          INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    text            TEXT NOT NULL,
    log_likelihood  REAL,
    is_greedy       INTEGER,
    verdict         TEXT,
    detail          TEXT,
    PRIMARY KEY (arm_id, sample, position)
) STRICT, WITHOUT ROWID;

-- What a sample is worth, by its position within the arm.
CREATE TABLE sample_metrics (
    arm_id  INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    sample  INTEGER NOT NULL,
    metric  TEXT NOT NULL,
    value   REAL,
    PRIMARY KEY (arm_id, sample, metric)
) STRICT, WITHOUT ROWID;

-- For people: every answer with its question, one row an answer.
CREATE VIEW answers AS
    SELECT runs.key AS run, arms.arm, arms.seed, samples.task, samples.key, samples.group_label,
           prompts.body AS prompt, targets.body AS target,
           responses.text AS response, responses.verdict, responses.detail
    FROM samples
    JOIN arms ON arms.id = samples.arm_id
    JOIN runs ON runs.id = arms.run_id
    JOIN texts AS prompts ON prompts.id = samples.prompt_id
    JOIN texts AS targets ON targets.id = samples.target_id
    JOIN responses ON responses.arm_id = samples.arm_id AND responses.sample = samples.position;

-- What a training took and how fast its model generates; null where it was not measured.
ALTER TABLE arms ADD COLUMN peak_memory_bytes INTEGER;
ALTER TABLE arms ADD COLUMN latency_ms_per_token REAL;
-- A sentence on the part of a grown model's width that training can't use.
ALTER TABLE arms ADD COLUMN growth_dead_width TEXT;

-- Scores of models that were still in training.
CREATE TABLE score_points (
    arm_id         INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    position       INTEGER NOT NULL,
    phase          TEXT NOT NULL CHECK (phase IN ('pretrain', 'align')),
    step           INTEGER NOT NULL,
    tokens         INTEGER NOT NULL,
    flops          REAL,
    task           TEXT NOT NULL,
    metric         TEXT NOT NULL,
    value          REAL,
    interval_low   REAL,
    interval_high  REAL,
    PRIMARY KEY (arm_id, position)
) STRICT, WITHOUT ROWID;

-- Effective ranks of a grown arm's matrices.
CREATE TABLE growth_ranks (
    arm_id            INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    position          INTEGER NOT NULL,
    matrix            TEXT NOT NULL,
    effective_before  REAL,
    effective_after   REAL,
    full_before       INTEGER NOT NULL,
    full_after        INTEGER NOT NULL,
    PRIMARY KEY (arm_id, position)
) STRICT, WITHOUT ROWID;

-- Comparisons that the recipe stated before the run.
CREATE TABLE comparisons (
    run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    arm       TEXT NOT NULL,
    against   TEXT NOT NULL,
    task      TEXT NOT NULL,
    metric    TEXT NOT NULL,
    question  TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

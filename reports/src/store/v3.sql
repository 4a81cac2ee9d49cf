-- Arms know how many samples they have: listing runs must not count them.
ALTER TABLE arms ADD COLUMN n_samples INTEGER NOT NULL DEFAULT 0;
UPDATE arms SET n_samples = (SELECT count(*) FROM samples WHERE samples.arm_id = arms.id);

-- The keys of a task's questions, in order, as a JSON array: kept once for all arms and runs that asked the same.
CREATE TABLE question_sets (
    id    INTEGER PRIMARY KEY,
    hash  BLOB NOT NULL UNIQUE,
    keys  TEXT NOT NULL
) STRICT;

-- What an arm's questions are worth by one metric: 64-bit floats, little-endian, in the order of the set's keys. Tasks with
-- many questions take several chunks. Comparing two arms reads two of these instead of a row a question.
CREATE TABLE sample_values (
    arm_id           INTEGER NOT NULL REFERENCES arms (id) ON DELETE CASCADE,
    task             TEXT NOT NULL,
    metric           TEXT NOT NULL,
    chunk            INTEGER NOT NULL,
    question_set_id  INTEGER NOT NULL REFERENCES question_sets (id),
    packed           BLOB NOT NULL,
    PRIMARY KEY (arm_id, task, metric, chunk)
) STRICT;

-- What a run's steps were, and how long each took.
CREATE TABLE steps (
    run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    key       TEXT NOT NULL,
    kind      TEXT NOT NULL,
    label     TEXT NOT NULL,
    seconds   REAL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

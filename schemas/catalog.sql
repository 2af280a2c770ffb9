CREATE TABLE schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE granule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1 CHECK (revision >= 1),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'incomplete', 'quarantined', 'archived', 'superseded', 'rejected')),
    provider TEXT NOT NULL,
    processing_type TEXT NOT NULL CHECK (processing_type IN ('forward', 'reprocessing')),
    readiness TEXT NOT NULL CHECK (readiness IN ('manifest', 'closed', 'inferred')),
    verification TEXT CHECK (verification IN ('provider', 'self')),
    job_id BIGINT,
    sensed_start BIGINT,
    sensed_end BIGINT,
    west DOUBLE PRECISION, south DOUBLE PRECISION, east DOUBLE PRECISION, north DOUBLE PRECISION,
    metadata TEXT NOT NULL DEFAULT '{}',
    missing TEXT NOT NULL DEFAULT '[]',
    deadline_at BIGINT,
    available_at BIGINT,
    observed_at BIGINT NOT NULL,
    settled_at BIGINT,
    verified_at BIGINT,
    archived_at BIGINT,
    reason_code TEXT,
    reason TEXT,
    CHECK (sensed_start <= sensed_end),
    CHECK ((state IN ('archived', 'superseded')) = (archived_at IS NOT NULL)),
    CHECK (archived_at IS NULL OR verification IS NOT NULL));

CREATE UNIQUE INDEX granule_revision ON granule (collection, version, name, revision)
WHERE state <> 'rejected';

CREATE INDEX granule_by_state ON granule (state, collection, version);

CREATE INDEX granule_by_name ON granule (name);

CREATE INDEX granule_by_archived ON granule (archived_at);

CREATE INDEX granule_by_observed ON granule (observed_at);

CREATE TABLE arrival (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    path BLOB NOT NULL,
    generation TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    state TEXT NOT NULL CHECK (state IN ('observed', 'settling', 'waiting', 'verifying', 'archived', 'duplicate', 'quarantined', 'rejected', 'ignored', 'vanished')),
    collection TEXT,
    version TEXT,
    granule TEXT,
    granule_id BIGINT REFERENCES granule (id),
    file_name BLOB,
    file_type TEXT CHECK (file_type IN ('data', 'browse', 'metadata', 'ancillary', 'linkage')),
    readiness TEXT CHECK (readiness IN ('manifest', 'closed', 'inferred')),
    available_at BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    looks BIGINT NOT NULL DEFAULT 1,
    looked_at BIGINT NOT NULL,
    settled_at BIGINT,
    ended_at BIGINT,
    reason_code TEXT,
    reason TEXT,
    remedy TEXT,
    accepted_by TEXT, is_vouched BIGINT NOT NULL DEFAULT 0 CHECK (is_vouched IN (0, 1)),
    UNIQUE (source, path, generation),
    CHECK ((state IN ('observed', 'settling', 'waiting', 'verifying')) = (ended_at IS NULL)),
    CHECK (state NOT IN ('quarantined', 'rejected', 'ignored', 'vanished') OR reason_code IS NOT NULL));

CREATE INDEX arrival_open_by_granule ON arrival (source, collection, version, granule, id)
WHERE ended_at IS NULL;

CREATE INDEX arrival_open ON arrival (source, id) WHERE ended_at IS NULL;

CREATE INDEX arrival_by_state ON arrival (state, source, id);

CREATE INDEX arrival_by_observed ON arrival (observed_at);

CREATE TABLE file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    granule_id BIGINT NOT NULL REFERENCES granule (id),
    arrival_id BIGINT REFERENCES arrival (id),
    name BLOB NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('data', 'browse', 'metadata', 'ancillary', 'linkage')),
    size BIGINT NOT NULL CHECK (size >= 0),
    archive_path BLOB NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    provided_checksum TEXT,
    verification TEXT NOT NULL CHECK (verification IN ('provider', 'self')),
    UNIQUE (granule_id, name),
    CHECK ((verification = 'provider') = (provided_checksum IS NOT NULL)));

CREATE INDEX file_by_arrival ON file (arrival_id);

CREATE TABLE promise (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    path BLOB NOT NULL,
    checksum TEXT NOT NULL,
    manifest BLOB NOT NULL,
    promised_at BIGINT NOT NULL,
    UNIQUE (source, path, checksum, manifest));

CREATE INDEX promise_by_manifest ON promise (source, manifest);

CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    subject TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    cause TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT);

CREATE INDEX event_by_subject ON event (subject, subject_id, id);

CREATE TRIGGER event_refuses_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TRIGGER event_refuses_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TABLE work (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('job.run', 'submission.send', 'notification.take', 'response.apply', 'answer.send')),
    subject_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('available', 'scheduled', 'running', 'retryable', 'completed', 'cancelled', 'discarded')),
    priority BIGINT NOT NULL DEFAULT 0,
    attempt BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    token BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (kind, subject_id),
    CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)));

CREATE INDEX work_to_claim ON work (kind, priority DESC, due_at, id)
WHERE state IN ('available', 'scheduled', 'retryable');

CREATE INDEX work_leased ON work (lease_until) WHERE state = 'running';

CREATE INDEX work_by_state ON work (state, kind, due_at);

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    process TEXT NOT NULL,
    process_version TEXT NOT NULL,
    rule TEXT,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'staging', 'running', 'publishing', 'successful', 'failed', 'dismissed')),
    processing_type TEXT NOT NULL CHECK (processing_type IN ('forward', 'reprocessing')),
    priority BIGINT NOT NULL DEFAULT 0,
    parameters TEXT NOT NULL DEFAULT '{}',
    accepted_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    failure_class TEXT CHECK (failure_class IN ('exit', 'signal', 'timeout', 'memory', 'disk', 'staging', 'publish', 'lost', 'validation')),
    error TEXT,
    short_error TEXT,
    CHECK ((state = 'failed') = (failure_class IS NOT NULL)));

CREATE INDEX job_by_state ON job (state, process);

CREATE INDEX job_by_accepted ON job (accepted_at);

CREATE TABLE job_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id BIGINT NOT NULL REFERENCES job (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    directory TEXT NOT NULL,
    command TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    exit_code BIGINT,
    failure_class TEXT CHECK (failure_class IN ('exit', 'signal', 'timeout', 'memory', 'disk', 'staging', 'publish', 'lost', 'validation')),
    error TEXT,
    UNIQUE (job_id, number));

CREATE TABLE job_input (
    job_id BIGINT NOT NULL REFERENCES job (id),
    granule_id BIGINT NOT NULL REFERENCES granule (id),
    PRIMARY KEY (job_id, granule_id));

CREATE INDEX job_input_by_granule ON job_input (granule_id);

CREATE TABLE rule_firing (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    input_key TEXT NOT NULL,
    job_id BIGINT NOT NULL REFERENCES job (id),
    fired_at BIGINT NOT NULL,
    UNIQUE (rule, rule_version, input_key));

CREATE INDEX rule_firing_by_job ON rule_firing (job_id);

CREATE TABLE submission (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    granule_id BIGINT NOT NULL REFERENCES granule (id),
    destination TEXT NOT NULL,
    identifier TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'acknowledged', 'rejected', 'overdue', 'cancelled', 'superseded')),
    body BLOB NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    due_at BIGINT,
    partner_received_at BIGINT,
    partner_completed_at BIGINT,
    responded_at BIGINT,
    reconciled_at BIGINT,
    error_code TEXT,
    error TEXT,
    catalog_id TEXT,
    catalog_url TEXT,
    UNIQUE (granule_id, destination),
    CHECK (state <> 'acknowledged' OR reconciled_at IS NOT NULL),
    CHECK (state <> 'sent' OR (sent_at IS NOT NULL AND due_at IS NOT NULL)));

CREATE INDEX submission_by_state ON submission (state, destination);

CREATE INDEX submission_by_due ON submission (state, due_at);

CREATE INDEX submission_by_created ON submission (created_at);

CREATE TABLE submission_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id BIGINT NOT NULL REFERENCES submission (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    at BIGINT NOT NULL,
    broker_id TEXT,
    error TEXT,
    UNIQUE (submission_id, number));

CREATE TABLE message_in (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    message_key TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    sent_at BIGINT,
    UNIQUE (source, message_key, digest));

CREATE INDEX message_in_by_digest ON message_in (digest);

CREATE TABLE response (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_in_id BIGINT NOT NULL UNIQUE REFERENCES message_in (id),
    submission_id BIGINT REFERENCES submission (id),
    identifier TEXT,
    status TEXT CHECK (status IN ('SUCCESS', 'FAILURE')),
    error_code TEXT,
    error TEXT,
    verdict TEXT NOT NULL
        CHECK (verdict IN ('applied', 'duplicate', 'contradiction', 'unmatched', 'unreadable')),
    deviations TEXT NOT NULL DEFAULT '[]',
    findings TEXT NOT NULL DEFAULT '[]',
    handled_at BIGINT NOT NULL,
    CHECK ((verdict IN ('unmatched', 'unreadable')) = (submission_id IS NULL)));

CREATE INDEX response_by_submission ON response (submission_id);

CREATE INDEX response_by_identifier ON response (identifier);

CREATE TABLE answer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_in_id BIGINT NOT NULL UNIQUE REFERENCES message_in (id),
    granule_id BIGINT REFERENCES granule (id),
    watcher TEXT NOT NULL,
    identifier TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent')),
    status TEXT NOT NULL CHECK (status IN ('SUCCESS', 'FAILURE')),
    error_code TEXT,
    error TEXT,
    body BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT, sends BIGINT NOT NULL DEFAULT 0 CHECK (sends >= 0),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)));

CREATE TABLE node (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    process_id BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    stopped_at BIGINT);

CREATE TABLE operator_action (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    outcome TEXT NOT NULL,
    previous_hash TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE);

CREATE TRIGGER operator_action_refuses_update BEFORE UPDATE ON operator_action
BEGIN SELECT RAISE(ABORT, 'operator_action is append-only'); END;

CREATE TRIGGER operator_action_refuses_delete BEFORE DELETE ON operator_action
BEGIN SELECT RAISE(ABORT, 'operator_action is append-only'); END;

CREATE VIEW v_granule AS
SELECT g.id, g.collection, g.version, g.name, g.revision, g.state, g.provider, g.processing_type,
    g.readiness, g.verification, g.sensed_start, g.sensed_end, g.observed_at, g.settled_at, g.verified_at,
    g.archived_at,
    g.reason_code, g.reason,
    (SELECT COUNT(*) FROM file f WHERE f.granule_id = g.id) AS files,
    (SELECT COALESCE(SUM(f.size), 0) FROM file f WHERE f.granule_id = g.id) AS bytes
FROM granule g;

CREATE VIEW v_ledger AS
SELECT source, state, COUNT(*) AS arrivals, SUM(size) AS bytes, MIN(observed_at) AS oldest_observed_at
FROM arrival GROUP BY source, state;

CREATE VIEW v_delivery AS
SELECT s.id, s.destination, s.identifier, s.state, s.attempts, g.collection, g.version, g.name, g.revision,
    s.created_at, s.sent_at, s.due_at, s.responded_at, s.reconciled_at, s.error_code, s.error, s.catalog_id
FROM submission s JOIN granule g ON g.id = s.granule_id;

CREATE VIEW v_latency AS
SELECT g.id AS granule_id, g.collection, g.version, g.name, g.revision, s.destination,
    g.sensed_end AS sensed_at, g.available_at, g.observed_at, g.settled_at, g.verified_at, g.archived_at,
    j.accepted_at AS job_accepted_at, j.started_at AS job_started_at, j.ended_at AS job_ended_at,
    s.created_at AS submitted_at, s.sent_at AS broker_acked_at, s.partner_received_at,
    s.partner_completed_at, s.responded_at AS response_received_at, s.reconciled_at
FROM granule g
LEFT JOIN submission s ON s.granule_id = g.id
LEFT JOIN job j ON j.id = g.job_id;

CREATE TABLE checkpoint (
    name TEXT PRIMARY KEY,
    position TEXT NOT NULL,
    saved_at BIGINT NOT NULL);

CREATE INDEX granule_by_job ON granule (job_id) WHERE job_id IS NOT NULL;

CREATE INDEX arrival_by_granule ON arrival (granule_id) WHERE granule_id IS NOT NULL;

CREATE TABLE event (
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (number)
) STRICT;

CREATE TABLE lease (
    id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;

CREATE TABLE object (
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (sha256)
) STRICT;

CREATE TABLE organisation (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
) STRICT;

CREATE TABLE project (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
) STRICT;

CREATE TABLE audit (
    organisation_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organisation_id, ordinal),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
) STRICT;

CREATE TABLE audit_head (
    organisation_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organisation_id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
) STRICT;

CREATE TABLE job (
    id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    step TEXT NOT NULL,
    parameters TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
) STRICT;

CREATE TABLE member (
    project_id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    role TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (project_id, organisation_id),
    CONSTRAINT role_known CHECK (role IN ('owner', 'editor', 'viewer')),
    FOREIGN KEY(project_id) REFERENCES project (id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
) STRICT;

CREATE TABLE site (
    id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    name TEXT NOT NULL,
    crs TEXT NOT NULL,
    outline TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (project_id, name),
    FOREIGN KEY(project_id) REFERENCES project (id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
) STRICT;

CREATE TABLE campaign (
    id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    geometry TEXT NOT NULL,
    instrument TEXT NOT NULL,
    instrument_serial TEXT NOT NULL,
    crew TEXT NOT NULL,
    began TEXT,
    ended TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (site_id, name),
    FOREIGN KEY(site_id) REFERENCES site (id)
) STRICT;

CREATE TABLE need (
    id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    question TEXT NOT NULL,
    until TEXT,
    certainty TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    FOREIGN KEY(site_id) REFERENCES site (id)
) STRICT;

CREATE TABLE run (
    id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    step TEXT NOT NULL,
    step_version INTEGER NOT NULL,
    ohmscape TEXT NOT NULL,
    parameters TEXT NOT NULL,
    machine TEXT NOT NULL,
    lock_sha256 TEXT NOT NULL,
    rerun_of TEXT,
    author TEXT NOT NULL,
    began TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(site_id) REFERENCES site (id),
    FOREIGN KEY(lock_sha256) REFERENCES object (sha256),
    FOREIGN KEY(rerun_of) REFERENCES run (id)
) STRICT;

CREATE TABLE answer (
    id TEXT NOT NULL,
    need_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT kind_known CHECK (kind IN ('campaign', 'run', 'report')),
    FOREIGN KEY(need_id) REFERENCES need (id)
) STRICT;

CREATE TABLE dataset (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    UNIQUE (campaign_id, name),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
) STRICT;

CREATE TABLE rejected (
    id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    filename TEXT NOT NULL,
    raw_sha256 TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id),
    FOREIGN KEY(raw_sha256) REFERENCES object (sha256)
) STRICT;

CREATE TABLE report (
    id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(run_id) REFERENCES run (id),
    FOREIGN KEY(sha256) REFERENCES object (sha256)
) STRICT;

CREATE TABLE run_output (
    run_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run_id, name),
    FOREIGN KEY(run_id) REFERENCES run (id),
    FOREIGN KEY(sha256) REFERENCES object (sha256)
) STRICT;

CREATE TABLE tag (
    number INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (number, tag),
    FOREIGN KEY(number) REFERENCES dataset (number)
) STRICT;

CREATE TABLE verdict (
    need_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    answer_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (need_id, ordinal),
    CONSTRAINT verdict_known CHECK (verdict IN ('accepted', 'returned')),
    FOREIGN KEY(need_id) REFERENCES need (id),
    FOREIGN KEY(answer_id) REFERENCES answer (id)
) STRICT;

CREATE TABLE version (
    id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    filename TEXT NOT NULL,
    raw_sha256 TEXT NOT NULL,
    record_sha256 TEXT NOT NULL,
    readings_sha256 TEXT,
    format TEXT NOT NULL,
    facts TEXT NOT NULL,
    footprint TEXT,
    verdict TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (dataset_id, ordinal),
    FOREIGN KEY(dataset_id) REFERENCES dataset (id),
    FOREIGN KEY(raw_sha256) REFERENCES object (sha256),
    FOREIGN KEY(record_sha256) REFERENCES object (sha256),
    FOREIGN KEY(readings_sha256) REFERENCES object (sha256)
) STRICT;

CREATE TABLE entry (
    number INTEGER NOT NULL,
    version_id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    method TEXT NOT NULL,
    instrument TEXT NOT NULL,
    electrode_array TEXT NOT NULL,
    electrodes INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    quality REAL,
    verdict TEXT NOT NULL,
    depth REAL,
    began REAL,
    ended REAL,
    footprint TEXT,
    west REAL,
    south REAL,
    east REAL,
    north REAL,
    words TEXT NOT NULL,
    PRIMARY KEY (number),
    FOREIGN KEY(number) REFERENCES dataset (number),
    FOREIGN KEY(version_id) REFERENCES version (id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    FOREIGN KEY(project_id) REFERENCES project (id),
    FOREIGN KEY(site_id) REFERENCES site (id),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
) STRICT;

CREATE TABLE run_input (
    run_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    filename TEXT NOT NULL,
    version_id TEXT,
    PRIMARY KEY (run_id, name),
    FOREIGN KEY(run_id) REFERENCES run (id),
    FOREIGN KEY(sha256) REFERENCES object (sha256),
    FOREIGN KEY(version_id) REFERENCES version (id)
) STRICT;

CREATE TABLE state (
    version_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (version_id, ordinal),
    CONSTRAINT state_known CHECK (state IN ('draft', 'reviewed', 'published', 'withdrawn')),
    FOREIGN KEY(version_id) REFERENCES version (id)
) STRICT;

CREATE INDEX member_organisation ON member (organisation_id);

CREATE INDEX site_organisation ON site (organisation_id);

CREATE INDEX version_raw ON version (raw_sha256);

CREATE INDEX rejected_raw ON rejected (raw_sha256);

CREATE INDEX lease_object ON lease (sha256);

CREATE INDEX entry_organisation ON entry (organisation_id, number);

CREATE INDEX entry_project ON entry (project_id, number);

CREATE INDEX entry_site ON entry (site_id, number);

CREATE INDEX entry_method ON entry (method, number);

CREATE INDEX entry_instrument ON entry (instrument, number);

CREATE INDEX entry_array ON entry (electrode_array, number);

CREATE INDEX entry_began ON entry (began);

CREATE INDEX tag_tag ON tag (tag, number);

CREATE INDEX run_site ON run (site_id, began);

CREATE INDEX run_input_object ON run_input (sha256);

CREATE INDEX run_input_version ON run_input (version_id);

CREATE INDEX run_output_object ON run_output (sha256);

CREATE INDEX need_site ON need (site_id);

CREATE INDEX need_organisation ON need (organisation_id);

CREATE INDEX answer_need ON answer (need_id);

CREATE INDEX job_waiting ON job (state, priority, at);

CREATE VIRTUAL TABLE entry_place USING rtree (number, west, east, south, north);

CREATE VIRTUAL TABLE entry_words USING fts5 (words, tokenize = "unicode61 remove_diacritics 0");

CREATE TRIGGER entry_put AFTER INSERT ON entry BEGIN
    INSERT INTO entry_place SELECT new.number, new.west, new.east, new.south, new.north WHERE new.west IS NOT NULL;
    INSERT INTO entry_words (rowid, words) VALUES (new.number, new.words);
END;

CREATE TRIGGER entry_set AFTER UPDATE ON entry BEGIN
    DELETE FROM entry_place WHERE number = old.number;
    DELETE FROM entry_words WHERE rowid = old.number;
    INSERT INTO entry_place SELECT new.number, new.west, new.east, new.south, new.north WHERE new.west IS NOT NULL;
    INSERT INTO entry_words (rowid, words) VALUES (new.number, new.words);
END;

CREATE TRIGGER entry_drop AFTER DELETE ON entry BEGIN
    DELETE FROM entry_place WHERE number = old.number;
    DELETE FROM entry_words WHERE rowid = old.number;
END;

CREATE TRIGGER version_no_update BEFORE UPDATE ON version BEGIN
    SELECT RAISE(ABORT, 'rows of version are written once');
END;

CREATE TRIGGER version_no_delete BEFORE DELETE ON version BEGIN
    SELECT RAISE(ABORT, 'rows of version are written once');
END;

CREATE TRIGGER state_no_update BEFORE UPDATE ON state BEGIN
    SELECT RAISE(ABORT, 'rows of state are written once');
END;

CREATE TRIGGER state_no_delete BEFORE DELETE ON state BEGIN
    SELECT RAISE(ABORT, 'rows of state are written once');
END;

CREATE TRIGGER rejected_no_update BEFORE UPDATE ON rejected BEGIN
    SELECT RAISE(ABORT, 'rows of rejected are written once');
END;

CREATE TRIGGER rejected_no_delete BEFORE DELETE ON rejected BEGIN
    SELECT RAISE(ABORT, 'rows of rejected are written once');
END;

CREATE TRIGGER run_no_update BEFORE UPDATE ON run BEGIN
    SELECT RAISE(ABORT, 'rows of run are written once');
END;

CREATE TRIGGER run_no_delete BEFORE DELETE ON run BEGIN
    SELECT RAISE(ABORT, 'rows of run are written once');
END;

CREATE TRIGGER run_input_no_update BEFORE UPDATE ON run_input BEGIN
    SELECT RAISE(ABORT, 'rows of run_input are written once');
END;

CREATE TRIGGER run_input_no_delete BEFORE DELETE ON run_input BEGIN
    SELECT RAISE(ABORT, 'rows of run_input are written once');
END;

CREATE TRIGGER run_output_no_update BEFORE UPDATE ON run_output BEGIN
    SELECT RAISE(ABORT, 'rows of run_output are written once');
END;

CREATE TRIGGER run_output_no_delete BEFORE DELETE ON run_output BEGIN
    SELECT RAISE(ABORT, 'rows of run_output are written once');
END;

CREATE TRIGGER report_no_update BEFORE UPDATE ON report BEGIN
    SELECT RAISE(ABORT, 'rows of report are written once');
END;

CREATE TRIGGER report_no_delete BEFORE DELETE ON report BEGIN
    SELECT RAISE(ABORT, 'rows of report are written once');
END;

CREATE TRIGGER answer_no_update BEFORE UPDATE ON answer BEGIN
    SELECT RAISE(ABORT, 'rows of answer are written once');
END;

CREATE TRIGGER answer_no_delete BEFORE DELETE ON answer BEGIN
    SELECT RAISE(ABORT, 'rows of answer are written once');
END;

CREATE TRIGGER verdict_no_update BEFORE UPDATE ON verdict BEGIN
    SELECT RAISE(ABORT, 'rows of verdict are written once');
END;

CREATE TRIGGER verdict_no_delete BEFORE DELETE ON verdict BEGIN
    SELECT RAISE(ABORT, 'rows of verdict are written once');
END;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'rows of audit are written once');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'rows of audit are written once');
END;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'rows of event are written once');
END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'rows of event are written once');
END;

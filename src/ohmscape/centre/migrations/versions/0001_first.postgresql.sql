CREATE EXTENSION IF NOT EXISTS postgis;

CREATE TABLE event (
    number BIGSERIAL NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (number)
);

CREATE TABLE lease (
    id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE object (
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (sha256)
);

CREATE TABLE organisation (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE project (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE audit (
    organisation_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    at TEXT NOT NULL,
    author TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organisation_id, ordinal),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);

CREATE TABLE audit_head (
    organisation_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organisation_id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);

CREATE TABLE job (
    id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    step TEXT NOT NULL,
    parameters TEXT NOT NULL,
    priority BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);

CREATE TABLE member (
    project_id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    role TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (project_id, organisation_id),
    CONSTRAINT role_known CHECK (role IN ('owner', 'editor', 'viewer')),
    FOREIGN KEY(project_id) REFERENCES project (id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);

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
);

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
);

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
);

CREATE TABLE run (
    id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    step TEXT NOT NULL,
    step_version BIGINT NOT NULL,
    ohmscape TEXT NOT NULL,
    parameters TEXT NOT NULL,
    machine TEXT NOT NULL,
    lock_sha256 TEXT NOT NULL,
    rerun_of TEXT,
    author TEXT NOT NULL,
    began TEXT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(site_id) REFERENCES site (id),
    FOREIGN KEY(lock_sha256) REFERENCES object (sha256),
    FOREIGN KEY(rerun_of) REFERENCES run (id)
);

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
);

CREATE TABLE dataset (
    number BIGSERIAL NOT NULL,
    id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    UNIQUE (campaign_id, name),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

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
);

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
);

CREATE TABLE run_output (
    run_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run_id, name),
    FOREIGN KEY(run_id) REFERENCES run (id),
    FOREIGN KEY(sha256) REFERENCES object (sha256)
);

CREATE TABLE tag (
    number BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (number, tag),
    FOREIGN KEY(number) REFERENCES dataset (number)
);

CREATE TABLE verdict (
    need_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    answer_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (need_id, ordinal),
    CONSTRAINT verdict_known CHECK (verdict IN ('accepted', 'returned')),
    FOREIGN KEY(need_id) REFERENCES need (id),
    FOREIGN KEY(answer_id) REFERENCES answer (id)
);

CREATE TABLE version (
    id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
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
);

CREATE TABLE entry (
    number BIGINT NOT NULL,
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
    electrodes BIGINT NOT NULL,
    readings BIGINT NOT NULL,
    quality DOUBLE PRECISION,
    verdict TEXT NOT NULL,
    depth DOUBLE PRECISION,
    began DOUBLE PRECISION,
    ended DOUBLE PRECISION,
    footprint TEXT,
    west DOUBLE PRECISION,
    south DOUBLE PRECISION,
    east DOUBLE PRECISION,
    north DOUBLE PRECISION,
    words TEXT NOT NULL,
    PRIMARY KEY (number),
    FOREIGN KEY(number) REFERENCES dataset (number),
    FOREIGN KEY(version_id) REFERENCES version (id),
    FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    FOREIGN KEY(project_id) REFERENCES project (id),
    FOREIGN KEY(site_id) REFERENCES site (id),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

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
);

CREATE TABLE state (
    version_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (version_id, ordinal),
    CONSTRAINT state_known CHECK (state IN ('draft', 'reviewed', 'published', 'withdrawn')),
    FOREIGN KEY(version_id) REFERENCES version (id)
);

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

ALTER TABLE entry ADD COLUMN place geometry(Geometry, 4326)
    GENERATED ALWAYS AS (ST_SetSRID(ST_GeomFromGeoJSON(footprint), 4326)) STORED;

CREATE INDEX entry_place ON entry USING gist (place);

CREATE INDEX entry_words ON entry USING gin (array_to_tsvector(string_to_array(words, ' ')));

CREATE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are written once';
END $$;

CREATE TRIGGER version_written_once BEFORE UPDATE OR DELETE ON version
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER state_written_once BEFORE UPDATE OR DELETE ON state
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER rejected_written_once BEFORE UPDATE OR DELETE ON rejected
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER run_written_once BEFORE UPDATE OR DELETE ON run
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER run_input_written_once BEFORE UPDATE OR DELETE ON run_input
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER run_output_written_once BEFORE UPDATE OR DELETE ON run_output
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER report_written_once BEFORE UPDATE OR DELETE ON report
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER answer_written_once BEFORE UPDATE OR DELETE ON answer
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER verdict_written_once BEFORE UPDATE OR DELETE ON verdict
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER audit_written_once BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION written_once();

CREATE TRIGGER event_written_once BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION written_once();

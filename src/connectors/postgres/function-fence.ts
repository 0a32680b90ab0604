/**
 * Functions that do more than compute, although a read-only transaction lets them: they reach files, other sessions,
 * settings or other servers, or run SQL given as text, where nothing could judge it.
 */
const effectful: readonly RegExp[] = [
  // Files and large objects
  /^lo_/,
  /^lo(read|write)$/,
  /^(be_)?lowrite$/,
  /^file_/,
  // Settings, notifications, sequences
  /^set_config$/,
  /^(next|set)val$/,
  /^set_limit$/,
  /^setseed$/,
  // SQL as text
  /^(query|table|cursor|schema|database)_to_xml/,
  /^ts_stat$/,
  /^ts_rewrite$/,
  /^crosstab/,
  /^connectby$/,
  /^xpath_table$/,
  // Other servers and programs
  /^dblink/,
  /^postgres_fdw_/,
  /^http/,
  /^aws_/,
  /^(query_export_to|table_import_from)_s3$/,
  /^utl_/,
  /^plpy/,
  // Takes a transaction number, which is written down
  /^txid_current$/,
  // Maintenance that writes to pages
  /^brin_(summarize|desummarize)/,
  /^gin_clean_pending_list$/,
  /^heap_force_/,
  /^binary_upgrade_/,
  /^amcheck_/,
  // Internal entry points
  /_(in|out|recv|send|handler|validator)$/,
  /^(fmgr|plpgsql)_/,
  /^ri_fkey/,
  /^suppress_redundant/,
  /^currtid/,
]

/** The `pg_` family holds most of the dangerous ones and grows with each version: only what is known to read passes. */
const readingPgFunctions: readonly RegExp[] = [
  /^pg_get_(?!object_address$|wal_|replication)/,
  /^pg_(describe|identify)_object/,
  /^pg_[a-z_]+_is_visible$/,
  /^pg_(table|relation|total_relation|indexes|database|tablespace|column)_size$/,
  /^pg_size_(pretty|bytes)$/,
  /^pg_column_(compression|toast_chunk_id)$/,
  /^pg_typeof$/,
  /^pg_collation_(for|actual_version|is_visible)$/,
  /^pg_has_role$/,
  /^pg_(backend_pid|blocking_pids|safe_snapshot_blocking_pids|trigger_depth|my_temp_schema|is_other_temp_schema)$/,
  /^pg_(is_in_recovery|is_wal_replay_paused|postmaster_start_time|conf_load_time|jit_available)$/,
  /^pg_(client_encoding|encoding_to_char|char_to_encoding|encoding_max_length)$/,
  /^pg_sleep(_for|_until)?$/,
  /^pg_input_(is_valid|error_info|error_message)$/,
  /^pg_timezone_(names|abbrevs)$/,
  /^pg_partition_(tree|ancestors|root)$/,
  /^pg_sequence_(parameters|last_value)$/,
  /^pg_tablespace_(databases|location)$/,
  /^pg_(relation_filenode|filenode_relation|relation_is_updatable|column_is_updatable|index_column_has_property|index_has_property|indexam_has_property)$/,
  /^pg_stat_get_/,
  /^pg_(lock_status|show_all_settings|options_to_table|available_extensions|available_extension_versions|extension_update_paths)$/,
  /^pg_(current_wal_lsn|current_wal_insert_lsn|current_wal_flush_lsn|last_wal_receive_lsn|last_wal_replay_lsn|last_xact_replay_timestamp|wal_lsn_diff|walfile_name)$/,
  /^pg_(current_snapshot|snapshot_xmin|snapshot_xmax|snapshot_xip|visible_in_snapshot|xact_status|xact_commit_timestamp|last_committed_xact)$/,
  /^pg_(listening_channels|notification_queue_usage|numa_available|basetype|char_to_encoding|settings_get_flags|ndistinct|mcv_list_items)$/,
]

/** Schemas of extensions whose functions reach other machines, files or schedules, whatever the functions' names. */
const effectfulSchemas = /^(aws_.*|azure_.*|cron|dblink|net|utl_.*|dbms_.*|repack|pglogical|pgq|pgmq)$/

/** Views that read the server's configuration files. */
const fileViews = new Set(['pg_hba_file_rules', 'pg_file_settings', 'pg_ident_file_mappings'])

/** Whether calling a function of this name could do more than read. Names are compared as PostgreSQL folds them. */
export function hasEffects(functionName: string): boolean {
  const name = functionName.toLowerCase()
  if (name.startsWith('pg_')) return !readingPgFunctions.some(pattern => pattern.test(name))
  return effectful.some(pattern => pattern.test(name))
}

/** Whether functions of this schema do more than read, as far as it is one that a well-known extension makes. */
export const isEffectfulSchema = (schema: string): boolean => effectfulSchemas.test(schema.toLowerCase())

export const readsServerFiles = (relation: string): boolean => fileViews.has(relation.toLowerCase())

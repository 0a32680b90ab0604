/**
 * Functions that do more than compute, although a read-only transaction may let them: they reach other sessions, settings,
 * the cluster or files, or run SQL given as text, where nothing could judge it.
 */
const effectful: readonly RegExp[] = [
  /^change_(query|session|user)_priority$/,
  /^reboot_cluster$/,
  /^set_config$/,
  /^setseed$/,
  /^(next|set)val$/,
  /^txid_current$/,
  // What PostgreSQL has of the kind may be left on the leader node.
  /^lo_/,
  /^lo(read|write)$/,
  /^(query|table|cursor|schema|database)_to_xml/,
  /^ts_(stat|rewrite)$/,
  /^(dblink|http|aws_|crosstab|connectby|xpath_table)/,
  // Internal entry points
  /_(in|out|recv|send|handler|validator)$/,
  /^(fmgr|plpgsql|binary_upgrade)_/,
]

/** The `pg_` family holds most of the dangerous ones and grows with each version: only what is known to read passes. */
const readingPgFunctions: readonly RegExp[] = [
  /^pg_get_(?!object_address$|wal_|replication)/,
  /^pg_[a-z_]+_is_visible$/,
  /^pg_(backend_pid|client_encoding|encoding_to_char|char_to_encoding|typeof)$/,
  /^pg_last_(query_id|copy_id|copy_count|unload_id|unload_count)$/,
  /^pg_(table|relation|total_relation|indexes|database|column)_size$/,
  /^pg_size_pretty$/,
  /^pg_stat_get_/,
  /^pg_(is_in_recovery|postmaster_start_time|conf_load_time)$/,
  // Only waits, as a heavy query would.
  /^pg_sleep$/,
]

/** Whether calling a function of this name could do more than read. */
export function hasEffects(functionName: string): boolean {
  const name = functionName.toLowerCase()
  if (effectful.some(pattern => pattern.test(name))) return true
  return name.startsWith('pg_') && !readingPgFunctions.some(pattern => pattern.test(name))
}

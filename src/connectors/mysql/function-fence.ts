/**
 * Functions that do more than compute, although a read-only transaction lets them: they reach files, locks, programs,
 * other servers, or the settings of plugins and components.
 */
const effectful: readonly RegExp[] = [
  /^load_file$/,
  // Programs and other servers, by well-known extensions
  /^sys_(exec|eval|bineval|set|get)$/,
  /^(lib_mysqludf|http|curl)_/,
  /^lambda_a?sync$/,
  /^spider_/,
  /^mroonga_command$/,
  // Locks that others wait for
  /^get_lock$/,
  /^release_(lock|all_locks)$/,
  /^service_(get_(read|write)_locks|release_locks)$/,
  // Sequences
  /^(next|set)val$/,
  // Replication, logs, keys and rules of the server
  /^(group_replication|asynchronous_connection_failover|audit_log|audit_api|keyring|version_tokens|mysql_firewall|firewall_group)_/,
  /^(set_firewall|read_firewall|masking_dictionar|gen_dictionary|load_rewrite|flush_rewrite)/,
  // Work for its own sake
  /^benchmark$/,
  // Dolt's branches and commits, of which only a few functions read
  /^dolt_(?!(diff|log|patch|schema_diff|query_diff|hashof|version|merge_base|reflog|preview)(_|$))/,
]

/** Whether calling a function of this name could do more than read. Names are compared as the server folds them. */
export function hasEffects(functionName: string): boolean {
  const name = functionName.toLowerCase()
  return effectful.some(pattern => pattern.test(name))
}

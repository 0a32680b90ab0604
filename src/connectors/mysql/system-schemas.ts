/** Databases that are the server's own; nobody's data is in them. */
export const systemSchemas = ['information_schema', 'performance_schema', 'mysql', 'sys'] as const

export const systemSchemaList = systemSchemas.map(name => `'${name}'`).join(', ')

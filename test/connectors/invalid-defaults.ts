import type { z } from 'zod'

/**
 * Paths of the fields whose default is no valid value, which zod itself does not look at. For tests: a form is the same at
 * every start, and validating its defaults would take a sixth of the time in which the schema is built.
 */
export function invalidDefaults(schema: z.core.$ZodType, path: readonly string[] = []): readonly string[] {
  const definition = (schema as z.core.$ZodTypes)._zod.def
  switch (definition.type) {
    case 'default':
    case 'prefault': {
      const isValid = (definition.innerType as z.ZodType).safeParse(definition.defaultValue).success
      return [...(isValid ? [] : [path.join('.')]), ...invalidDefaults(definition.innerType, path)]
    }
    case 'optional':
      return invalidDefaults(definition.innerType, path)
    case 'array':
      return invalidDefaults(definition.element, [...path, '*'])
    case 'object':
      return Object.entries(definition.shape).flatMap(([key, field]) => invalidDefaults(field, [...path, key]))
    default:
      return []
  }
}

import type { InputCheck } from './input-check.ts'
import { cleanDescription, cleanName, descriptionFault, nameFault, nameKey } from './names.ts'

interface Naming {
  name?: string
  nameKey?: string
  description?: string | null
}

/** What an update changes of a noun's name and description; faults are noted in `check`. Absent keeps. */
export function namingChanges(
  check: InputCheck,
  input: { readonly name?: string; readonly description?: string | null },
): Naming {
  const changes: Naming = {}
  if (input.name !== undefined) {
    changes.name = cleanName(input.name)
    changes.nameKey = nameKey(changes.name)
    check.field('name', nameFault(changes.name))
  }
  if (input.description !== undefined) {
    changes.description = cleanDescription(input.description)
    check.field('description', descriptionFault(changes.description))
  }
  return changes
}

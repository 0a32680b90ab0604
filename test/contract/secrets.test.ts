import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formFields } from '../../src/connectors/form-fields.ts'
import { applyPatch } from '../../src/connectors/form-patch.ts'
import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { isLeaf, walkNodes } from '../../src/connectors/form-tree-walk.ts'
import type { JsonObject } from '../../src/connectors/json.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import type { ConnectorRow } from '../../src/db/rows.ts'
import { SecretReentryRequiredError } from '../../src/services/errors.ts'
import { spellings } from '../canary/secrets.ts'
import { testDatabases } from '../servers/databases.ts'
import { untold } from '../services/audit-world.ts'
import { ada, openWorld, signal, type World } from '../services/connector-world.ts'
import { registered, registeredInputs } from './fixtures.ts'
import { otherValues, type Place, patchAt, placesIn } from './other-values.ts'
import { parseInput, secretsIn } from './shared-blocks.ts'
import type { Input, TypeFixture } from './type-fixture.ts'

describe.each(registered)('the fields of $name', ({ fixture }) => {
  const { form } = fixture.type

  test('are secret where its specification says so', () => {
    const generated = formFields(form).filter(({ isSecret }) => isSecret)
    expect(generated.map(({ path }) => path).sort()).toEqual([...fixture.secretFields].sort())
  })

  test('decide where secrets go where its specification says so', () => {
    const nodes = [...walkNodes(formTree(form).root)].filter(({ destination }) => destination)
    const inner = (path: string) => nodes.some(node => !isLeaf(node) && path.startsWith(`${node.path}.`))
    const generated = nodes.map(({ path }) => path).filter(path => !inner(path))
    expect(generated.sort()).toEqual([...fixture.destinationFields].sort())
  })
})

let world: World
beforeAll(async () => {
  const [database] = testDatabases
  if (!database) throw new Error('There is no database.')
  world = await openWorld(database, { types: builtInConnectorTypes })
})
afterAll(() => world?.close())

async function save({ type }: TypeFixture, input: Input): Promise<ConnectorRow> {
  const config = { inputKey: type.inputKey, value: input }
  return world.connectors.create(ada, { name: crypto.randomUUID(), config, testGate: 'NONE' }, signal)
}

async function current({ id }: ConnectorRow): Promise<ConnectorRow> {
  const row = await world.connectors.find(ada, { id })
  if (!row) throw new Error('The connector is gone.')
  return row
}

/** Saves a change: the fields for which the secrets are asked again, or null when it has been saved. */
async function change({ type }: TypeFixture, row: ConnectorRow, patch: unknown): Promise<readonly string[] | null> {
  const config = { inputKey: type.inputKey, value: patch }
  const { version: expectedVersion } = row
  try {
    await world.connectors.update(ada, { connector: { id: row.id }, expectedVersion, config, testGate: 'NONE' }, signal)
    return null
  } catch (error) {
    if (error instanceof SecretReentryRequiredError) return error.changedFields
    throw error
  }
}

/** Of optional groups whatever is in them counts. */
function isDestination({ type, destinationFields }: TypeFixture, { node, path }: Place): boolean {
  if (isLeaf(node) || node.destination)
    return destinationFields.some(each => path === each || path.startsWith(`${each}.`))
  const inside = (each: string) => each.startsWith(`${path}.`)
  return [...walkNodes(formTree(type.form).root)].some(each => each.destination && inside(each.path))
}

/** A patch that gives the place a value which the form takes, and which is another than it has; null where there is none. */
function otherAt(fixture: TypeFixture, row: ConnectorRow, place: Place, paths: ReadonlySet<string>): unknown {
  const { form } = fixture.type
  for (const value of otherValues(fixture, place)) {
    const patch = patchAt(row.config, place.segments, value)
    const result = applyPatch(form, row.config, paths, patch)
    const keeps = result.ok && result.keptSecretPaths.length > 0
    if (keeps && JSON.stringify(result.config) !== JSON.stringify(row.config)) return patch
  }
  return null
}

const stored = ({ id, secretVersionId }: ConnectorRow) =>
  world.secretVersions.read(ada.workspace, id, secretVersionId ?? '', untold)

const decidesOnSecrets = ({ type }: TypeFixture): boolean =>
  [...walkNodes(formTree(type.form).root)].some(node => node.kind === 'secret' && node.secretWhen !== null)

const changedAnywhere = new Map<string, Set<string>>()
const withSecrets = registeredInputs.flatMap(each => {
  const secrets = secretsIn(each.fixture.type, each.input)
  return Object.keys(secrets).length > 0 ? [{ ...each, secrets }] : []
})

describe.each(withSecrets)('a saved connector of $name, "$inputName"', ({ name, fixture, input, secrets }) => {
  test('asks for its secrets again for every change of where they go, and for no other', async () => {
    const changed = changedAnywhere.get(name) ?? new Set()
    changedAnywhere.set(name, changed)
    const saved = await save(fixture, input)
    for (const place of placesIn(fixture, saved.config)) {
      const row = await current(saved)
      const patch = otherAt(fixture, row, place, new Set(Object.keys(await stored(row))))
      if (patch === null) continue
      changed.add(place.path)
      const about = `${place.segments.join('.')}: ${JSON.stringify(patch).slice(0, 200)}`
      const asked = await change(fixture, row, patch)
      expect(asked !== null, about).toBe(isDestination(fixture, place))
      const { version } = await current(saved)
      expect(version, about).toBe(asked === null ? row.version + 1 : row.version)
    }
    const now = await stored(await current(saved))
    // Where a form lets that be decided, what was readable may have become a secret meanwhile.
    if (decidesOnSecrets(fixture)) expect(now).toMatchObject(secrets)
    else expect(now).toEqual(secrets)
  })

  test('holds no secret where it can be read', async () => {
    const shown = JSON.stringify((await save(fixture, input)).config)
    for (const [path, secret] of Object.entries(secrets)) {
      for (const spelling of spellings(secret)) expect(shown.includes(spelling), path).toBe(false)
    }
  })
})

/** What an input gives. */
const pathsIn = (fixture: TypeFixture, input: Input): readonly string[] =>
  placesIn(fixture, parseInput(fixture.type, input)).map(({ path }) => path)

// A type without secrets has nothing to ask for.
test.each(registered.filter(({ fixture }) => fixture.secretFields.length > 0))(
  'every field of $name has been changed in one of its connectors',
  ({ name, fixture }) => {
    const nodes = [...walkNodes(formTree(fixture.type.form).root)]
    // Where there is one choice only, nothing can be changed.
    const isFixed = (node: FormTreeNode) => node.kind === 'choice' && Object.keys(node.choices).length === 1
    const fields = nodes
      .filter(node => isLeaf(node) && node.kind !== 'secret' && !isFixed(node))
      .map(({ path }) => path)
    const changed = changedAnywhere.get(name) ?? new Set()
    // What only connectors without secrets have, such as the role in the place of a key, there is nothing to ask about.
    const asked = withSecrets.filter(each => each.fixture === fixture).flatMap(({ input }) => pathsIn(fixture, input))
    expect(asked).not.toEqual([])
    expect(fields.filter(path => !changed.has(path) && asked.includes(path))).toEqual([])
  },
)

test.each(registered.filter(({ fixture }) => 'sshTunnel' in (fixture.inputs['tunnelByKey'] ?? {})))(
  'a tunnel that is added to a connector of $name asks for its secrets again',
  async ({ fixture }) => {
    const { sshTunnel, ...direct } = fixture.inputs['tunnelByKey'] as JsonObject
    const row = await save(fixture, direct)
    expect(await change(fixture, row, { sshTunnel })).toContain('sshTunnel.host')
    expect((await current(row)).config).toEqual(row.config)
  },
)

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alternatives, block, choice, defineForm, field } from '../../src/connectors/form.ts'
import { invalidDefaults } from './invalid-defaults.ts'

const meta = { label: 'Label' }

describe('defaults that are no valid values', () => {
  test('are found wherever they are', () => {
    const few = field(z.int().min(5).default(1), meta)
    const { schema } = defineForm({
      fields: {
        a: few,
        b: choice({ ON: { label: 'On', help: 'It is on.' } }, meta).default('OFF' as never),
        group: block({ few, fine: field(z.int().default(1), meta) }, meta).prefault({ few: 1 }),
        one: alternatives({ of: { label: 'Of', fields: { few } } }, meta).prefault({ of: {} as never }),
        list: field(z.array(block({ few }, meta)).max(1).default([]), meta),
      },
      check: () => {},
    })
    expect(invalidDefaults(schema)).toEqual(['a', 'b', 'group', 'group.few', 'one.of.few', 'list.*.few'])
  })
})

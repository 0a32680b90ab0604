import { z } from 'zod'
import { field } from '../form.ts'
import { hostIssue } from '../network/host-name.ts'
import { judgedBy } from '../text-checks.ts'

/** The host of a data source that is one server. `help` and `placeholder` say what kind of server. */
export const hostField = (help: string, placeholder: string) =>
  field(z.string().check(judgedBy(hostIssue)), {
    label: 'Host',
    help,
    placeholder,
    section: 'connection',
    destination: true,
  })

/** Its port, with the one that its product usually has. */
export const portField = (usual: number, help: string) =>
  field(z.int().min(1).max(65_535).default(usual), { label: 'Port', help, section: 'connection', destination: true })

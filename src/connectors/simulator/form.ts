import { z } from 'zod'
import { alternatives, choice, defineForm, type FormValue, field, secret } from '../form.ts'
import { hostIssue } from '../network/host-name.ts'
import { listingOutcomes } from './outcomes.ts'
import { scenarioNames } from './scenarios.ts'
import { courseIssues } from './script.ts'
import { stepsField } from './step-block.ts'

const username = field(z.string().min(1).max(128).default('simulated'), {
  label: 'User name',
  help: 'Any name: problems and evidence show it.',
})

const name = z.string().min(1).max(200)

const hostText = (message: (text: string) => string | null) =>
  z.string().check(context => {
    const issue = message(context.value)
    if (issue) context.issues.push({ code: 'custom', message: issue, input: null })
  })

/** The form of a simulated connector. An empty one is valid, and passes. */
export const form = defineForm({
  sections: [
    { id: 'course', label: 'Course of events', help: 'What happens in a test. Nothing is dialled.' },
    { id: 'connection', label: 'Connection', help: 'Only shown in messages, and to try secrets with.' },
    { id: 'steps', label: 'Steps', help: 'What single steps do, where they differ from the scenario.' },
  ],
  fields: {
    scenario: choice(scenarioNames, {
      label: 'Scenario',
      help: 'A course of events to begin with; the steps below change it.',
      section: 'course',
      typeName: 'SimulatorScenario',
    }).default('ALL_PASS'),
    host: field(hostText(hostIssue).default('db.example.com'), {
      label: 'Host',
      help: 'Any name: it is never looked up. As in every type, changing it asks for the secrets again.',
      section: 'connection',
      destination: true,
    }),
    port: field(z.int().min(1).max(65_535).default(5432), {
      label: 'Port',
      help: 'Any port: nothing connects to it.',
      section: 'connection',
      destination: true,
    }),
    auth: alternatives(
      {
        none: { label: 'No sign-in', fields: {} },
        password: {
          label: 'User name and password',
          fields: {
            username,
            password: secret(z.string().min(1).max(4096), {
              label: 'Password',
              help: 'Any text signs in, but the password "wrong" is rejected.',
            }),
          },
        },
        key: {
          label: 'Private key',
          help: 'To try secrets of several lines and optional ones with.',
          fields: {
            username,
            privateKey: secret(z.string().min(1).max(16_384), {
              label: 'Private key',
              help: 'Any text of several lines.',
              multiline: true,
            }),
            passphrase: secret(z.string().min(1).max(1024).optional(), {
              label: 'Passphrase',
              help: 'May be left out, kept, given and cleared.',
            }),
          },
        },
      },
      { label: 'Sign-in', help: 'Which secrets the connector has.', section: 'connection', typeName: 'SimulatorAuth' },
    ).prefault({ none: true }),
    database: field(name.optional(), {
      label: 'Database',
      help: 'Narrows the catalog to one of the simulated databases. Their names can be listed.',
      placeholder: 'shop',
      section: 'connection',
      liveOptions: {},
    }),
    schema: field(name.optional(), {
      label: 'Schema',
      help: 'Narrows the catalog further. The names can be listed once a database is chosen.',
      placeholder: 'sales',
      section: 'connection',
      liveOptions: { needs: ['database'] },
    }),
    endpoints: field(z.array(hostText(endpointIssue)).max(4).default([]), {
      label: 'Endpoints',
      help: 'The steps up to encryption repeat for each of these, as they do for cloud services.',
      placeholder: 'sts.eu-west-1.amazonaws.com:443',
      section: 'course',
    }),
    generation: field(z.int().min(1).max(99).default(1), {
      label: 'Generation',
      help: 'Another number shows another address, certificate and version: as if the server had been replaced.',
      section: 'course',
      advanced: true,
    }),
    previewBudgetMs: field(z.int().min(100).max(120_000).default(20_000), {
      label: 'Preview budget (ms)',
      help: 'How long a preview of a dataset may take.',
      section: 'course',
      advanced: true,
    }),
    listing: choice(listingOutcomes, {
      label: 'Listing',
      help: 'What becomes of lists of values for fields, and of the catalog, once the way in is open.',
      section: 'course',
      typeName: 'SimulatedListing',
    }).default('ITEMS'),
    steps: stepsField,
  },
  check: (value, report) => {
    for (const { path, message } of courseIssues(value)) report(path, message)
  },
})

export type SimulatorConfig = FormValue<typeof form>

function endpointIssue(text: string): string | null {
  const { host = text } = /^(?<host>.+):\d{1,5}$/.exec(text)?.groups ?? {}
  return hostIssue(host) === null ? null : 'Give a host name, with or without a port: "sts.example.com:443".'
}

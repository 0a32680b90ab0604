import type { Plugin } from 'graphql-yoga'
import type { Admission } from './admission.ts'

/** Asks at the door of HTTP. */
export function useAdmission(admission: Admission): Plugin {
  return {
    onParams({ params }) {
      admission.admit(admission.viewer(), params)
    },
  }
}

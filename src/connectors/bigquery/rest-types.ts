// Google's own description of its REST API: types alone, of which nothing is left when this runs.
import type google from '@google-cloud/bigquery/build/src/types.js'

export type QueryRequest = google.default.IQueryRequest
export type JobConfiguration = google.default.IJobConfiguration
export type JobDescription = google.default.IJob

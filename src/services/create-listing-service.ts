import { browseCatalog } from './browse-catalog.ts'
import { listFieldOptions } from './field-options.ts'
import type { ListingDependencies } from './list-source.ts'
import type { ListingService } from './listings.ts'

export const createListingService = (dependencies: ListingDependencies): ListingService => ({
  fieldOptions: (viewer, input, signal) => listFieldOptions(dependencies, viewer, input, signal),
  catalog: (viewer, connector, input, signal) => browseCatalog(dependencies, viewer, connector, input, signal),
})

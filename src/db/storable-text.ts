/** Whether both databases can hold the text: lone surrogates have no UTF-8 form, and PostgreSQL refuses NUL. */
export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

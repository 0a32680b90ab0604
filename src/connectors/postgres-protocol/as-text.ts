/** For the driver: values stay as the server wrote them, whatever it calls their types. */
export const asText = { getTypeParser: () => (text: string) => text }

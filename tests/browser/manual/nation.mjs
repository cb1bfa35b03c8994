export const nation = [];

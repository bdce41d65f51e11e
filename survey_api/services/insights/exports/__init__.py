"""Released numbers as files: one set of rows, many formats, nothing counted again."""

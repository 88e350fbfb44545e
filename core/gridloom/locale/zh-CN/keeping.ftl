# Chinese of these forms stands in their declarations.

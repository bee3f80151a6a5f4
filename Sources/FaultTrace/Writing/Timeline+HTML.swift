extension Timeline {
    /// The timeline as one self-contained HTML page, with zoom, pan and search, and for each wait the chain to its
    /// cause. The key `?` lists all keys.
    ///
    /// - Complexity: O(*n*) in the spans; some 14 bytes a span.
    public var html: String {
        var page = ByteText()
        page.add("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
        page.add(ByteText.escaped(title))
        page.add("</title>\n<meta name=\"viewport\" content=\"width=device-width\"><style>\n\(PageStyle.style)\n")
        page.add("</style></head>\n<body>\n\(PageStyle.skeleton(title: ByteText.escaped(title)))\n")
        PackedTimeline(self).write(to: &page)
        page.add("<script>\n")
        page.add(PageScript.reading)
        page.add(PageScript.drawing)
        page.add(PageScript.legend)
        page.add(PageScript.input)
        page.add("</script>\n</body></html>\n")
        return page.text
    }
}

namespace Ieum.Connect.OpcUa;

/// <summary>A name with its namespace (OPC 10000-3, 8.3).</summary>
internal readonly record struct QualifiedName(ushort Namespace, string? Name)
{
    public QualifiedName(string? name) : this(0, name) { }

    public override string ToString() => Namespace == 0 ? Name ?? "" : FormattableString.Invariant($"{Namespace}:{Name}");
}

/// <summary>A text in one language; the locale is an RFC 3066 tag such as <c>ko</c> or <c>ja-JP</c> (OPC 10000-3, 8.5).</summary>
internal readonly record struct LocalizedText(string? Locale, string? Text)
{
    public LocalizedText(string? text) : this(null, text) { }

    public override string ToString() => Text ?? "";
}

/// <summary>An XML fragment, kept as text.</summary>
internal readonly record struct XmlElement(string? Text);

/// <summary>What a server adds to an error; the numbers point into the string table of the answer (OPC 10000-4, 7.12).</summary>
internal sealed record DiagnosticInfo
{
    public int? SymbolicId { get; init; }
    public int? NamespaceUri { get; init; }
    public int? Locale { get; init; }
    public int? LocalizedText { get; init; }
    public string? AdditionalInfo { get; init; }
    public StatusCode? InnerStatusCode { get; init; }
    public DiagnosticInfo? InnerDiagnosticInfo { get; init; }
}

using System.ComponentModel.DataAnnotations;

namespace Ieum.Connect;

/// <summary>Settings that hold for every connection; section <c>Connect</c> of <c>ieum.json</c>.</summary>
public sealed class ConnectOptions
{
    public const string Section = "Connect";

    /// <summary>Folder for what connections keep: certificates and trust lists (<c>pki/</c>), places in files and buffers (<c>places/</c>). Default <c>data</c>, beside the measurements.</summary>
    [Required]
    public string Folder { get; set; } = "data";
}

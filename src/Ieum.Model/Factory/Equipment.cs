using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>A name in the three languages of the product.</summary>
public sealed record LocalName(string Ko, string Ja, string En)
{
    public static LocalName Same(string text) => new(text, text, text);

    /// <summary>The name for a two-letter language; English where the language is not one of ours.</summary>
    public string In(string language) => language switch { "ko" => Ko, "ja" => Ja, _ => En };
}

/// <summary>The equipment hierarchy of one company after ISA-95 part 1: enterprise, site, area, line, machine.</summary>
/// <remarks>Machine ids are unique in the whole company; the constructor refuses doubles.</remarks>
public sealed record Company
{
    /// <exception cref="ArgumentException">Two machines carry the same id.</exception>
    public Company(CompanyId id, LocalName name, string country, ImmutableArray<Site> sites)
    {
        (Id, Name, Country, Sites) = (id, name, country, sites);
        var twice = Machines.GroupBy(m => m.Id).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new ArgumentException($"Machine '{twice.Key}' stands twice in company '{id}'; machine ids are unique in a company.");
    }

    public CompanyId Id { get; }
    public LocalName Name { get; }
    /// <summary>ISO 3166-1 alpha-2; decides holidays and document forms.</summary>
    public string Country { get; }
    public ImmutableArray<Site> Sites { get; }
    public IEnumerable<Machine> Machines => from s in Sites from a in s.Areas from l in a.Lines from m in l.Machines select m;

    /// <summary>Where a machine stands, from the enterprise down, joined by '/', as ISA-95 names it; null when it is not ours.</summary>
    public string? PathOf(MachineId machine) =>
        (from s in Sites from a in s.Areas from l in a.Lines from m in l.Machines
         where m.Id == machine select $"{Id}/{s.Id}/{a.Id}/{l.Id}/{m.Id}").FirstOrDefault();
}

/// <summary>ISA-95 site: one place of a company.</summary>
public sealed record Site(string Id, LocalName Name, ImmutableArray<Area> Areas);

/// <summary>ISA-95 area: a hall or department of a site.</summary>
public sealed record Area(string Id, LocalName Name, ImmutableArray<ProductionLine> Lines);

/// <summary>ISA-95 work centre (production line or cell).</summary>
public sealed record ProductionLine(string Id, LocalName Name, ImmutableArray<Machine> Machines);

/// <summary>ISA-95 work unit: a machine or a manual work place that orders can be planned on.</summary>
/// <param name="Kind">Trade of the machine, a glossary key such as <c>milling</c>, <c>turning</c>, <c>honing</c>.</param>
public sealed record Machine(MachineId Id, LocalName Name, string Kind);

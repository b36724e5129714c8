namespace Ieum.Plan.Across;

/// <summary>What one round will say to one company, collected from all plans.</summary>
internal sealed class Outbox
{
    public List<int> Keep { get; } = [];
    public List<int> Drop { get; } = [];
    public List<Look> Looks { get; } = [];
    /// <summary>Steps with who hears the answer (null: good; otherwise why it is nonsense) and the branch that dies with it.</summary>
    public List<(Step Step, Func<Reaction, string?> Hear, Branch Branch)> Steps { get; } = [];
    public List<(MenuAsk Ask, Neighbourhood Hood)> Menus { get; } = [];

    public byte[]?[]? Keys { get; set; }
    public List<Mail> Mail { get; } = [];
    public List<Trial> Trials { get; } = [];
    public List<Judgement> Judgements { get; } = [];

    /// <summary>Whether the company must be asked; what needs no answer waits for the next message that does.</summary>
    public bool Urgent => Steps.Count > 0 || Menus.Count > 0 || Mail.Count > 0 || Trials.Count > 0 || Judgements.Count > 0;

    /// <summary>The number under which the company holds a plan before it reads this message: what is to be kept may still be waiting here, and rehearsals begin before it is.</summary>
    public int Held(int plan)
    {
        for (var i = Keep.Count - 2; i >= 0; i -= 2)
            if (Keep[i + 1] == plan) plan = Keep[i];
        return plan;
    }

    public Request ToRequest(int number) => new()
    {
        Number = number,
        Keep = Keep.Count > 0 ? [.. Keep] : null,
        Drop = Drop.Count > 0 ? [.. Drop] : null,
        Looks = Looks.Count > 0 ? [.. Looks] : null,
        Steps = Steps.Count > 0 ? [.. Steps.Select(s => s.Step)] : null,
        Menus = Menus.Count > 0 ? [.. Menus.Select(m => m.Ask)] : null,
        Keys = Keys,
        Mail = Mail.Count > 0 ? [.. Mail] : null,
        Trials = Trials.Count > 0 ? [.. Trials] : null,
        Judge = Judgements.Count > 0 ? [.. Judgements] : null,
    };

    public void Clear()
    {
        Keep.Clear();
        Drop.Clear();
        Looks.Clear();
        Steps.Clear();
        Menus.Clear();
        Keys = null;
        Mail.Clear();
        Trials.Clear();
        Judgements.Clear();
    }
}

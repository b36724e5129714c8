using MudBlazor;

namespace Ieum.Node.Ui.Shell;

/// <summary>The little that MudBlazor has to know; its colours are taken from tokens.css, which serves light and dark alike.</summary>
internal static class MudLook
{
    public static readonly string[] Fonts = ["system-ui", "Noto Sans KR", "Noto Sans JP", "Noto Sans CJK KR", "Noto Sans CJK JP", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = "1rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Fonts, FontSize = "1rem", TextTransform = "none", LetterSpacing = "normal" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
    };
}

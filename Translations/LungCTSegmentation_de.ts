<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
    <context>
        <name>LungSegmentation</name>
        <message>
            <source>3D surfaces</source>
            <translation>3D-Oberflächen</translation>
        </message>
        <message>
            <source>Advanced</source>
            <translation>Erweitert</translation>
        </message>
        <message>
            <source>Airways</source>
            <translation>Atemwege</translation>
        </message>
        <message>
            <source>All frames of the sequence</source>
            <translation>Alle Zeitpunkte der Sequenz</translation>
        </message>
        <message>
            <source>All tables in one file</source>
            <translation>Alle Tabellen in einer Datei</translation>
        </message>
        <message>
            <source>Both lungs</source>
            <translation>Beide Lungen</translation>
        </message>
        <message>
            <source>Box (markups ROI) that the result is limited to; all figures are then of that part alone</source>
            <translation>Quader (Markups-ROI), auf den das Ergebnis begrenzt wird; alle Zahlen gelten dann nur für diesen Teil</translation>
        </message>
        <message>
            <source>Bring back the segments that the last run replaced</source>
            <translation>Die Segmente zurückholen, die der letzte Lauf ersetzt hat</translation>
        </message>
        <message>
            <source>CSV tables</source>
            <translation>CSV-Tabellen</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Chest CT in Hounsfield units</source>
            <translation>Thorax-CT in Hounsfield-Einheiten</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>Compare with a reference segmentation</source>
            <translation>Mit einer Referenzsegmentierung vergleichen</translation>
        </message>
        <message>
            <source>Copy Log</source>
            <translation>Protokoll kopieren</translation>
        </message>
        <message>
            <source>Copy the DICOM objects into Slicer's DICOM database too</source>
            <translation>Die DICOM-Objekte auch in die DICOM-Datenbank von Slicer kopieren</translation>
        </message>
        <message>
            <source>Copy the log, with the versions of Slicer and this module, to the clipboard</source>
            <translation>Das Protokoll mit den Versionen von Slicer und diesem Modul in die Zwischenablage kopieren</translation>
        </message>
        <message>
            <source>Correct the segments by hand; press Measure Again afterwards</source>
            <translation>Die Segmente von Hand korrigieren; danach „Erneut messen“ klicken</translation>
        </message>
        <message>
            <source>Create new segmentation</source>
            <translation>Neue Segmentierung anlegen</translation>
        </message>
        <message>
            <source>DICOM (SEG, SR)</source>
            <translation>DICOM (SEG, SR)</translation>
        </message>
        <message>
            <source>Each method names the publication that it comes from; see the documentation. Built on 3D Slicer, ITK, VTK, NumPy and SciPy.</source>
            <translation>Jedes Verfahren nennt die Veröffentlichung, aus der es stammt; siehe die Dokumentation. Aufgebaut auf 3D Slicer, ITK, VTK, NumPy und SciPy.</translation>
        </message>
        <message>
            <source>Edit in Segment Editor</source>
            <translation>Im Segment-Editor bearbeiten</translation>
        </message>
        <message>
            <source>Excel workbook</source>
            <translation>Excel-Arbeitsmappe</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Folder:</source>
            <translation>Ordner:</translation>
        </message>
        <message>
            <source>HTML report</source>
            <translation>HTML-Bericht</translation>
        </message>
        <message>
            <source>How the lungs are found</source>
            <translation>Wie die Lungen gefunden werden</translation>
        </message>
        <message>
            <source>Input</source>
            <translation>Eingabe</translation>
        </message>
        <message>
            <source>Input volume:</source>
            <translation>Eingabevolumen:</translation>
        </message>
        <message>
            <source>Install ONNX Runtime...</source>
            <translation>ONNX Runtime installieren …</translation>
        </message>
        <message>
            <source>LAA-950</source>
            <translation>LAA-950</translation>
        </message>
        <message>
            <source>Left lung</source>
            <translation>Linke Lunge</translation>
        </message>
        <message>
            <source>Low-attenuation area: share of the lung below -950 HU; high in emphysema</source>
            <translation>Bereich niedriger Dichte: Anteil der Lunge unter -950 HE; hoch bei Emphysem</translation>
        </message>
        <message>
            <source>Lung CT Segmentation</source>
            <translation>Lungen-CT-Segmentierung</translation>
        </message>
        <message>
            <source>Lung area along the body, and density of each lung</source>
            <translation>Lungenfläche entlang des Körpers und Dichte jeder Lunge</translation>
        </message>
        <message>
            <source>Lung probability of each voxel, in percent; made by the network only</source>
            <translation>Lungenwahrscheinlichkeit jedes Voxels in Prozent; nur mit dem Netz</translation>
        </message>
        <message>
            <source>Makes the network faster; the results stay the same</source>
            <translation>Macht das Netz schneller; die Ergebnisse bleiben gleich</translation>
        </message>
        <message>
            <source>Mean</source>
            <translation>Mittel</translation>
        </message>
        <message>
            <source>Mean density of the lung, vessels included</source>
            <translation>Mittlere Dichte der Lunge samt Gefäßen</translation>
        </message>
        <message>
            <source>Measure Again</source>
            <translation>Erneut messen</translation>
        </message>
        <message>
            <source>Measure the agreement, and make segments of what was missed and what was wrongly added</source>
            <translation>Die Übereinstimmung messen und Segmente des Fehlenden und des fälschlich Hinzugefügten anlegen</translation>
        </message>
        <message>
            <source>Measure the segments as they are now, for example after you edited them</source>
            <translation>Die Segmente messen, wie sie jetzt sind, etwa nach einer Bearbeitung</translation>
        </message>
        <message>
            <source>Method:</source>
            <translation>Verfahren:</translation>
        </message>
        <message>
            <source>One file for each table</source>
            <translation>Eine Datei je Tabelle</translation>
        </message>
        <message>
            <source>One segmentation for each frame, browsed together with the scan, and a table over time; otherwise the frame that is shown</source>
            <translation>Eine Segmentierung für jeden Zeitpunkt, zusammen mit der Aufnahme durchblätterbar, und eine Tabelle über die Zeit; sonst nur der angezeigte Zeitpunkt</translation>
        </message>
        <message>
            <source>Only inside:</source>
            <translation>Nur innerhalb:</translation>
        </message>
        <message>
            <source>Output segmentation; what it held before can be restored</source>
            <translation>Ausgabesegmentierung; ihr voriger Inhalt lässt sich wiederherstellen</translation>
        </message>
        <message>
            <source>Outputs</source>
            <translation>Ausgaben</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>Parameter</translation>
        </message>
        <message>
            <source>Pictures, tables and quality on one page</source>
            <translation>Bilder, Tabellen und Qualität auf einer Seite</translation>
        </message>
        <message>
            <source>Plots</source>
            <translation>Diagramme</translation>
        </message>
        <message>
            <source>Probability map</source>
            <translation>Wahrscheinlichkeitskarte</translation>
        </message>
        <message>
            <source>Reference:</source>
            <translation>Referenz:</translation>
        </message>
        <message>
            <source>Reset to Defaults</source>
            <translation>Auf Vorgaben zurücksetzen</translation>
        </message>
        <message>
            <source>Restore Previous</source>
            <translation>Vorige wiederherstellen</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>Ergebnis</translation>
        </message>
        <message>
            <source>Right lung</source>
            <translation>Rechte Lunge</translation>
        </message>
        <message>
            <source>Segment All Loaded Volumes</source>
            <translation>Alle geladenen Volumen segmentieren</translation>
        </message>
        <message>
            <source>Segment Lungs</source>
            <translation>Lungen segmentieren</translation>
        </message>
        <message>
            <source>Segment each loaded CT with the method and outputs chosen above, each into a segmentation of its own</source>
            <translation>Jedes geladene CT mit dem oben gewählten Verfahren und den Ausgaben segmentieren, jedes in eine eigene Segmentierung</translation>
        </message>
        <message>
            <source>Segmentation (.seg.nrrd)</source>
            <translation>Segmentierung (.seg.nrrd)</translation>
        </message>
        <message>
            <source>Segmentation that is taken as right</source>
            <translation>Segmentierung, die als richtig gilt</translation>
        </message>
        <message>
            <source>Segmentation:</source>
            <translation>Segmentierung:</translation>
        </message>
        <message>
            <source>Segments and measures as DICOM objects that refer to the images, with the patient's identity; only for scans from Slicer's DICOM database</source>
            <translation>Segmente und Messwerte als DICOM-Objekte mit Verweis auf die Bilder und mit der Identität des Patienten; nur für Aufnahmen aus der DICOM-Datenbank von Slicer</translation>
        </message>
        <message>
            <source>Segments the right lung, the left lung, the airways and the vessels in a chest CT by a method of your choice, and measures volumes, areas, density and vessels. Choose a volume and press Segment Lungs: it works in the background. Not a medical device: for research and teaching.</source>
            <translation>Segmentiert rechte Lunge, linke Lunge, Atemwege und Gefäße in einem Thorax-CT mit einem Verfahren Ihrer Wahl und misst Volumen, Flächen, Dichte und Gefäße. Wählen Sie ein Volumen und klicken Sie auf „Lungen segmentieren“: Gerechnet wird im Hintergrund. Kein Medizinprodukt: für Forschung und Lehre.</translation>
        </message>
        <message>
            <source>Send to DICOM database</source>
            <translation>In die DICOM-Datenbank legen</translation>
        </message>
        <message>
            <source>Set all parameters of this method back to their defaults</source>
            <translation>Alle Parameter dieses Verfahrens auf ihre Vorgaben zurücksetzen</translation>
        </message>
        <message>
            <source>Share</source>
            <translation>Anteil</translation>
        </message>
        <message>
            <source>Share of both lungs</source>
            <translation>Anteil an beiden Lungen</translation>
        </message>
        <message>
            <source>Show or hide the segments in the 3D view</source>
            <translation>Die Segmente in der 3D-Ansicht zeigen oder ausblenden</translation>
        </message>
        <message>
            <source>Show the segments in the 3D view</source>
            <translation>Die Segmente in der 3D-Ansicht zeigen</translation>
        </message>
        <message>
            <source>Stop; nothing is kept of the run</source>
            <translation>Anhalten; vom Lauf wird nichts behalten</translation>
        </message>
        <message>
            <source>Tables</source>
            <translation>Tabellen</translation>
        </message>
        <message>
            <source>The segments, for Slicer and other programs</source>
            <translation>Die Segmente, für Slicer und andere Programme</translation>
        </message>
        <message>
            <source>Trachea and bronchi as a segment of their own; they are never lung</source>
            <translation>Trachea und Bronchien als eigenes Segment; sie zählen nie zur Lunge</translation>
        </message>
        <message>
            <source>Vessels</source>
            <translation>Gefäße</translation>
        </message>
        <message>
            <source>Vessels inside the lungs; takes longer than all the rest</source>
            <translation>Gefäße in den Lungen; dauert länger als alles andere</translation>
        </message>
        <message>
            <source>Volume</source>
            <translation>Volumen</translation>
        </message>
        <message>
            <source>Volumes, areas in each slice, density, airways, vessels and quality</source>
            <translation>Volumen, Flächen in jeder Schicht, Dichte, Atemwege, Gefäße und Qualität</translation>
        </message>
        <message>
            <source>What each run did</source>
            <translation>Was jeder Lauf getan hat</translation>
        </message>
        <message>
            <source>What each run did, for a report of a problem</source>
            <translation>Was jeder Lauf getan hat, zum Melden eines Problems</translation>
        </message>
        <message>
            <source>Where the files go</source>
            <translation>Wohin die Dateien kommen</translation>
        </message>
        <message>
            <source>Window that the volume is shown through; takes effect at once</source>
            <translation>Fenster, in dem das Volumen gezeigt wird; wirkt sofort</translation>
        </message>
        <message>
            <source>Window/level:</source>
            <translation>Fenster:</translation>
        </message>
        <message>
            <source>the whole scan</source>
            <translation>die ganze Aufnahme</translation>
        </message>
        <message>
            <source>–</source>
            <translation>–</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Labels</name>
        <message>
            <source>Airways</source>
            <translation>Atemwege</translation>
        </message>
        <message>
            <source>Left lung</source>
            <translation>Linke Lunge</translation>
        </message>
        <message>
            <source>Right lung</source>
            <translation>Rechte Lunge</translation>
        </message>
        <message>
            <source>Vessels of left lung</source>
            <translation>Gefäße der linken Lunge</translation>
        </message>
        <message>
            <source>Vessels of right lung</source>
            <translation>Gefäße der rechten Lunge</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Methods</name>
        <message>
            <source>3D connected components</source>
            <translation>3D-Zusammenhangskomponenten</translation>
        </message>
        <message>
            <source>A small trained network finds the lungs, dense disease included; the border is decided by the density.</source>
            <translation>Ein kleines trainiertes Netz findet die Lungen samt dichter Erkrankungen; über den Rand entscheidet die Dichte.</translation>
        </message>
        <message>
            <source>Air inside the body is split into connected regions; the lungs are chosen among them. Fast, and good on most scans.</source>
            <translation>Luft im Körper wird in zusammenhängende Bereiche zerlegt, aus denen die Lungen ausgewählt werden. Schnell und für die meisten Aufnahmen gut.</translation>
        </message>
        <message>
            <source>Body only</source>
            <translation>Nur Körper</translation>
        </message>
        <message>
            <source>Closed sub-voxel outlines at a density in each slice, kept where they are large or continue from slice to slice. Also for a single slice.</source>
            <translation>Geschlossene, subvoxelgenaue Umrisse bei einer Dichte in jeder Schicht; sie bleiben, wo sie groß sind oder sich von Schicht zu Schicht fortsetzen. Auch für eine einzelne Schicht.</translation>
        </message>
        <message>
            <source>Closing radius</source>
            <translation>Schließradius</translation>
        </message>
        <message>
            <source>Contour tracking</source>
            <translation>Konturverfolgung</translation>
        </message>
        <message>
            <source>Contours of air are followed from slice to slice, out from where both lungs are certain and back; the trachea falls away.</source>
            <translation>Konturen von Luft werden von Schicht zu Schicht verfolgt, ausgehend von sicher erkannten Lungen und zurück; die Trachea fällt dabei weg.</translation>
        </message>
        <message>
            <source>Contours per slice</source>
            <translation>Konturen je Schicht</translation>
        </message>
        <message>
            <source>Cut junctions</source>
            <translation>Berührungen trennen</translation>
        </message>
        <message>
            <source>Filling box</source>
            <translation>Füllfenster</translation>
        </message>
        <message>
            <source>Find airways</source>
            <translation>Atemwege finden</translation>
        </message>
        <message>
            <source>Jaccard threshold</source>
            <translation>Jaccard-Schwelle</translation>
        </message>
        <message>
            <source>Leave out gas</source>
            <translation>Gas auslassen</translation>
        </message>
        <message>
            <source>Lowest mean density</source>
            <translation>Niedrigste mittlere Dichte</translation>
        </message>
        <message>
            <source>Mirror averaging</source>
            <translation>Spiegelmittelung</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>Netz</translation>
        </message>
        <message>
            <source>Recover dense disease</source>
            <translation>Dichte Erkrankung zurückholen</translation>
        </message>
        <message>
            <source>Shortest region</source>
            <translation>Kürzester Bereich</translation>
        </message>
        <message>
            <source>Slice step</source>
            <translation>Schichtschritt</translation>
        </message>
        <message>
            <source>Smallest area</source>
            <translation>Kleinste Fläche</translation>
        </message>
        <message>
            <source>Table width</source>
            <translation>Tischbreite</translation>
        </message>
        <message>
            <source>Threshold</source>
            <translation>Schwelle</translation>
        </message>
        <message>
            <source>Threshold and outlines</source>
            <translation>Schwelle und Umrisse</translation>
        </message>
        <message>
            <source>Working voxel</source>
            <translation>Arbeitsvoxel</translation>
        </message>
        <message>
            <source>a contour goes on in the next slice (1 mm away) where the two overlap more than this</source>
            <translation>eine Kontur setzt sich in der nächsten Schicht (1 mm entfernt) fort, wo sich beide stärker als so überlappen</translation>
        </message>
        <message>
            <source>a table thinner than this does not hold up the background</source>
            <translation>ein Tisch, der dünner ist, hält den Hintergrund nicht auf</translation>
        </message>
        <message>
            <source>air is below it; half way between lung and soft tissue</source>
            <translation>Luft liegt darunter; auf halbem Weg zwischen Lunge und Weichgewebe</translation>
        </message>
        <message>
            <source>air that the body does not surround (table, clothes) is not lung</source>
            <translation>Luft, die der Körper nicht umgibt (Tisch, Kleidung), ist keine Lunge</translation>
        </message>
        <message>
            <source>an outline that is darker on average holds gas, not lung; -1024: none does</source>
            <translation>ein im Mittel dunklerer Umriss enthält Gas, keine Lunge; -1024: keiner</translation>
        </message>
        <message>
            <source>an outline whose convex hull is at least as large may be lung by itself</source>
            <translation>ein Umriss, dessen konvexe Hülle mindestens so groß ist, kann für sich Lunge sein</translation>
        </message>
        <message>
            <source>box filter that fills the holes of the coarse mask</source>
            <translation>Rechteckfilter, der die Löcher der groben Maske füllt</translation>
        </message>
        <message>
            <source>gas in stomach and bowel, as dark as the air in the trachea, is not lung</source>
            <translation>Gas in Magen und Darm, so dunkel wie die Luft in der Trachea, ist keine Lunge</translation>
        </message>
        <message>
            <source>lungs that hang together at a junction line are cut apart</source>
            <translation>Lungen, die an einer Berührungslinie zusammenhängen, werden getrennt</translation>
        </message>
        <message>
            <source>masses and consolidation with lung around them become lung</source>
            <translation>Raumforderungen und Konsolidierungen, um die herum Lunge liegt, werden Lunge</translation>
        </message>
        <message>
            <source>name of a network that is installed, or the path of its card NAME.json</source>
            <translation>Name eines installierten Netzes oder der Pfad seiner Karte NAME.json</translation>
        </message>
        <message>
            <source>smaller outlines may be lung if they overlap from slice to slice over this height</source>
            <translation>kleinere Umrisse können Lunge sein, wenn sie sich über diese Höhe von Schicht zu Schicht überlappen</translation>
        </message>
        <message>
            <source>the largest contours of a slice that are followed</source>
            <translation>die größten Konturen einer Schicht, die verfolgt werden</translation>
        </message>
        <message>
            <source>the network is run every so many mm; 0: as its card says</source>
            <translation>so viele mm liegen zwischen den Schichten, die das Netz sieht; 0: wie in seiner Karte</translation>
        </message>
        <message>
            <source>the network sees each slice mirrored too, and both answers are averaged</source>
            <translation>das Netz sieht jede Schicht auch gespiegelt, beide Antworten werden gemittelt</translation>
        </message>
        <message>
            <source>trachea, main and lobar bronchi are found and taken out of the lungs</source>
            <translation>Trachea, Haupt- und Lappenbronchien werden gefunden und aus den Lungen herausgenommen</translation>
        </message>
        <message>
            <source>vessels and nodules up to twice as wide are filled in; 0: none</source>
            <translation>Gefäße und Rundherde bis zur doppelten Breite werden aufgefüllt; 0: keine</translation>
        </message>
        <message>
            <source>voxel size of the grid on which contours are followed</source>
            <translation>Voxelgröße des Gitters, auf dem Konturen verfolgt werden</translation>
        </message>
        <message>
            <source>voxel size of the grid on which the lungs' topology is decided</source>
            <translation>Voxelgröße des Gitters, auf dem über den Zusammenhang der Lungen entschieden wird</translation>
        </message>
        <message>
            <source>voxel size of the grid on which the outlines are drawn and chosen</source>
            <translation>Voxelgröße des Gitters, auf dem die Umrisse gezeichnet und ausgewählt werden</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Networks</name>
        <message>
            <source>Compact U-Net</source>
            <translation>Kompaktes U-Net</translation>
        </message>
        <message>
            <source>Residual network at full resolution</source>
            <translation>Residuales Netz in voller Auflösung</translation>
        </message>
        <message>
            <source>U-Net of three levels</source>
            <translation>U-Net mit drei Ebenen</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Presets</name>
        <message>
            <source>Bone</source>
            <translation>Knochen</translation>
        </message>
        <message>
            <source>Emphysema</source>
            <translation>Emphysem</translation>
        </message>
        <message>
            <source>Full range</source>
            <translation>Ganzer Bereich</translation>
        </message>
        <message>
            <source>Lung</source>
            <translation>Lunge</translation>
        </message>
        <message>
            <source>Mediastinum</source>
            <translation>Mediastinum</translation>
        </message>
        <message>
            <source>Pulmonary vessels (contrast)</source>
            <translation>Lungengefäße (Kontrastmittel)</translation>
        </message>
        <message>
            <source>Soft tissue</source>
            <translation>Weichgewebe</translation>
        </message>
    </context>
    <context>
        <name>Panel.MethodForm</name>
        <message>
            <source>Advanced</source>
            <translation>Erweitert</translation>
        </message>
        <message>
            <source>Advanced (parameters changed: {count})</source>
            <translation>Erweitert (geänderte Parameter: {count})</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>Automatisch</translation>
        </message>
        <message>
            <source>Default: {value}</source>
            <translation>Vorgabe: {value}</translation>
        </message>
        <message>
            <source>From {minimum} to {maximum}, default: {default}</source>
            <translation>Von {minimum} bis {maximum}, Vorgabe: {default}</translation>
        </message>
        <message>
            <source>Parameters of {title}</source>
            <translation>Parameter von {title}</translation>
        </message>
        <message>
            <source>Parameters of {title} ({count} changed)</source>
            <translation>Parameter von {title} ({count} geändert)</translation>
        </message>
        <message>
            <source>off</source>
            <translation>aus</translation>
        </message>
        <message>
            <source>on</source>
            <translation>an</translation>
        </message>
        <message>
            <source>{title}: {reason}. {summary}</source>
            <translation>{title}: {reason}. {summary}</translation>
        </message>
        <message>
            <source>{title}: {summary}</source>
            <translation>{title}: {summary}</translation>
        </message>
    </context>
    <context>
        <name>Panel.NetworkPicker</name>
        <message>
            <source> (default)</source>
            <translation> (Vorgabe)</translation>
        </message>
        <message>
            <source>Cards of networks (*.json *.onnx)</source>
            <translation>Karten von Netzen (*.json *.onnx)</translation>
        </message>
        <message>
            <source>Choose a network</source>
            <translation>Ein Netz wählen</translation>
        </message>
        <message>
            <source>Other...</source>
            <translation>Anderes …</translation>
        </message>
    </context>
    <context>
        <name>Panel.Panel</name>
        <message>
            <source>; the DICOM objects are in Slicer's database</source>
            <translation>; die DICOM-Objekte sind in der Datenbank von Slicer</translation>
        </message>
        <message>
            <source>A segmentation is running; wait for it or cancel it</source>
            <translation>Eine Segmentierung läuft; warten Sie darauf oder brechen Sie sie ab</translation>
        </message>
        <message>
            <source>Choose a chest CT as input volume first</source>
            <translation>Wählen Sie zuerst ein Thorax-CT als Eingabevolumen</translation>
        </message>
        <message>
            <source>Compare {segmentation} with {reference}</source>
            <translation>{segmentation} mit {reference} vergleichen</translation>
        </message>
        <message>
            <source>Comparing</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>Failed to compare the segmentations</source>
            <translation>Die Segmentierungen konnten nicht verglichen werden</translation>
        </message>
        <message>
            <source>Failed to restore the segments</source>
            <translation>Die Segmente konnten nicht wiederhergestellt werden</translation>
        </message>
        <message>
            <source>Measuring</source>
            <translation>Messen</translation>
        </message>
        <message>
            <source>Reading the segments</source>
            <translation>Segmente lesen</translation>
        </message>
        <message>
            <source>Segment the lungs of the input volume in the background (Ctrl+Shift+L)</source>
            <translation>Die Lungen des Eingabevolumens im Hintergrund segmentieren (Strg+Umschalt+L)</translation>
        </message>
        <message>
            <source>Starting</source>
            <translation>Wird gestartet</translation>
        </message>
        <message>
            <source>The input volume has no voxels; choose another one</source>
            <translation>Das Eingabevolumen hat keine Voxel; wählen Sie ein anderes</translation>
        </message>
        <message>
            <source>The lungs of {volume} are in {segmentation}</source>
            <translation>Die Lungen von {volume} sind in {segmentation}</translation>
        </message>
        <message>
            <source>the segmentation or its CT volume was removed meanwhile; choose another and click Export again</source>
            <translation>die Segmentierung oder ihr CT-Volumen wurde inzwischen entfernt; wählen Sie eine andere und klicken Sie erneut auf „Exportieren“</translation>
        </message>
        <message>
            <source>{count} files were written to {folder}</source>
            <translation>{count} Dateien wurden nach {folder} geschrieben</translation>
        </message>
    </context>
    <context>
        <name>Panel.PanelBatch</name>
        <message>
            <source>Segment All {count} Loaded Volumes</source>
            <translation>Alle {count} geladenen Volumen segmentieren</translation>
        </message>
        <message>
            <source>Segmenting {number} of {count}: {name}</source>
            <translation>{number} von {count} wird segmentiert: {name}</translation>
        </message>
        <message>
            <source>it was removed</source>
            <translation>es wurde entfernt</translation>
        </message>
        <message>
            <source>{done} of {count} volumes were segmented</source>
            <translation>{done} von {count} Volumen wurden segmentiert</translation>
        </message>
        <message>
            <source>{name}: {reason}</source>
            <translation>{name}: {reason}</translation>
        </message>
    </context>
    <context>
        <name>Panel.PanelExport</name>
        <message>
            <source>Needs the package highdicom, which Slicer has from 5.12 on. In earlier versions the extension QuantitativeReporting exports the segmentation as DICOM; the .seg.nrrd file holds the same segments with their codes.</source>
            <translation>Benötigt das Paket highdicom, das Slicer ab Version 5.12 enthält. In früheren Versionen exportiert die Erweiterung QuantitativeReporting die Segmentierung als DICOM; die Datei .seg.nrrd enthält dieselben Segmente mit ihren Codes.</translation>
        </message>
        <message>
            <source>The folder {folder} already holds {names}. Replace?</source>
            <translation>Der Ordner {folder} enthält bereits {names}. Ersetzen?</translation>
        </message>
    </context>
    <context>
        <name>Panel.PanelFrames</name>
        <message>
            <source>Frame {number}: {reason}; no frame was kept</source>
            <translation>Zeitpunkt {number}: {reason}; kein Zeitpunkt wurde behalten</translation>
        </message>
        <message>
            <source>{count} frames were segmented: {name} shows that of the frame that is shown</source>
            <translation>{count} Zeitpunkte wurden segmentiert: {name} zeigt das Ergebnis des angezeigten Zeitpunkts</translation>
        </message>
    </context>
    <context>
        <name>Panel.PanelResult</name>
        <message>
            <source>Coverage: cut</source>
            <translation>Abdeckung: abgeschnitten</translation>
        </message>
        <message>
            <source>Notes on the scan</source>
            <translation>Hinweise zur Aufnahme</translation>
        </message>
        <message>
            <source>Segmentation: failed. Do not use the figures as they are.</source>
            <translation>Segmentierung: nicht bestanden. Verwenden Sie die Zahlen so nicht.</translation>
        </message>
        <message>
            <source>Segmentation: passed. No problems detected.</source>
            <translation>Segmentierung: bestanden. Keine Auffälligkeiten gefunden.</translation>
        </message>
        <message>
            <source>Segmentation: review needed. Look at these findings before using the figures.</source>
            <translation>Segmentierung: bitte prüfen. Sehen Sie sich diese Befunde an, bevor Sie die Zahlen verwenden.</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>Zeigen</translation>
        </message>
        <message>
            <source>The segments were edited. Click Measure Again to update the figures.</source>
            <translation>Die Segmente wurden bearbeitet. Klicken Sie auf „Erneut messen“, um die Zahlen zu aktualisieren.</translation>
        </message>
        <message>
            <source>Tick it under Outputs, and segment or measure again</source>
            <translation>Unter „Ausgaben“ ankreuzen und erneut segmentieren oder messen</translation>
        </message>
        <message>
            <source>{density} HU</source>
            <translation>{density} HE</translation>
        </message>
        <message>
            <source>{name}, by {method}</source>
            <translation>{name}, mit {method}</translation>
        </message>
        <message>
            <source>{volume} mL</source>
            <translation>{volume} ml</translation>
        </message>
    </context>
    <context>
        <name>Panel.PanelRuntime</name>
        <message>
            <source>Failed to install ONNX Runtime</source>
            <translation>ONNX Runtime konnte nicht installiert werden</translation>
        </message>
        <message>
            <source>ONNX Runtime is installed. The next run of the network tries it, and uses it if it gives the same result as numpy.</source>
            <translation>ONNX Runtime ist installiert. Der nächste Lauf des Netzes probiert es aus und verwendet es, wenn es dasselbe Ergebnis liefert wie numpy.</translation>
        </message>
        <message>
            <source>The network runs by ONNX Runtime.</source>
            <translation>Das Netz läuft mit ONNX Runtime.</translation>
        </message>
        <message>
            <source>The network runs in numpy, which Slicer has: {reason}</source>
            <translation>Das Netz läuft in numpy, das Slicer enthält: {reason}</translation>
        </message>
    </context>
    <context>
        <name>Panel.PanelTexts</name>
        <message>
            <source>Failed to export the result</source>
            <translation>Das Ergebnis konnte nicht exportiert werden</translation>
        </message>
        <message>
            <source>Failed to measure the segments</source>
            <translation>Die Segmente konnten nicht gemessen werden</translation>
        </message>
        <message>
            <source>Failed to segment the lungs</source>
            <translation>Die Lungen konnten nicht segmentiert werden</translation>
        </message>
    </context>
    <context>
        <name>Panel.PresetPicker</name>
        <message>
            <source>Custom</source>
            <translation>Eigenes</translation>
        </message>
        <message>
            <source>{title} (level {level} HU, width {width} HU)</source>
            <translation>{title} (Mitte {level} HE, Breite {width} HE)</translation>
        </message>
    </context>
</TS>

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
        <name>LungSegmentation.Errors</name>
        <message>
            <source>A transform bends the region of interest {name}; take it off the region first (module Transforms).</source>
            <translation>Eine Transformation verbiegt den Bereich {name}; nehmen Sie sie zuerst von ihm weg (Modul „Transforms“).</translation>
        </message>
        <message>
            <source>A transform bends the volume {name} by up to {distance} mm, and changes volumes by {percent} %; up to {most_distance} mm and {most_percent} % are left out of account: harden it (module Transforms), which resamples the volume, or remove it first.</source>
            <translation>Eine Transformation verbiegt das Volumen {name} um bis zu {distance} mm und ändert Volumina um {percent} %; bis zu {most_distance} mm und {most_percent} % bleiben unberücksichtigt: Härten Sie sie (Modul „Transforms“), wobei das Volumen neu abgetastet wird, oder entfernen Sie sie zuerst.</translation>
        </message>
        <message>
            <source>A transform bends the volume {name}, so that the region of interest {other} lies elsewhere in its voxels; harden the transform (module Transforms), which resamples the volume, or choose no region.</source>
            <translation>Eine Transformation verbiegt das Volumen {name}, sodass der Bereich {other} in seinen Voxeln anderswo liegt; härten Sie die Transformation (Modul „Transforms“), wobei das Volumen neu abgetastet wird, oder wählen Sie keinen Bereich.</translation>
        </message>
        <message>
            <source>A transform of the volume {name} or of its segmentation is not linear; put both under the same transform, or harden it (module Transforms), which resamples the volume.</source>
            <translation>Eine Transformation des Volumens {name} oder seiner Segmentierung ist nicht linear; legen Sie beide unter dieselbe Transformation oder härten Sie sie (Modul „Transforms“), wobei das Volumen neu abgetastet wird.</translation>
        </message>
        <message>
            <source>A transform stretches the region of interest {name}; take it off the region first (module Transforms).</source>
            <translation>Eine Transformation dehnt den Bereich {name}; nehmen Sie sie zuerst von ihm weg (Modul „Transforms“).</translation>
        </message>
        <message>
            <source>No air was found inside a body in {name}; expected a CT that shows at least a part of the lungs.</source>
            <translation>In {name} wurde keine Luft in einem Körper gefunden; erwartet wird ein CT, das mindestens einen Teil der Lungen zeigt.</translation>
        </message>
        <message>
            <source>No lung lies inside the region of interest {name}; draw it around lung, or choose none.</source>
            <translation>Im Bereich {name} liegt keine Lunge; zeichnen Sie ihn um Lunge herum oder wählen Sie keinen.</translation>
        </message>
        <message>
            <source>No lung was found in {name}: less than {volume} mL of air of lung density inside the body; expected a CT that shows at least a part of the lungs.</source>
            <translation>In {name} wurde keine Lunge gefunden: weniger als {volume} ml Luft von der Dichte der Lunge im Körper; erwartet wird ein CT, das mindestens einen Teil der Lungen zeigt.</translation>
        </message>
        <message>
            <source>No lung was found in {name}: the network marked less than {volume} mL; expected a CT that shows at least a part of the lungs.</source>
            <translation>In {name} wurde keine Lunge gefunden: Das Netz hat weniger als {volume} ml markiert; erwartet wird ein CT, das mindestens einen Teil der Lungen zeigt.</translation>
        </message>
        <message>
            <source>No segment of {name} holds a voxel of the right or left lung within {other}; choose the segmentation that belongs to this volume, or segment the lungs first.</source>
            <translation>Kein Segment von {name} enthält ein Voxel der rechten oder linken Lunge in {other}; wählen Sie die Segmentierung, die zu diesem Volumen gehört, oder segmentieren Sie zuerst die Lungen.</translation>
        </message>
        <message>
            <source>None of the segments of {name} is known as right or left lung (segments: {segments}); name them 'right lung' and 'left lung', or set their terminology.</source>
            <translation>Keines der Segmente von {name} ist als rechte oder linke Lunge erkennbar (Segmente: {segments}); nennen Sie sie „right lung“ und „left lung“ oder legen Sie ihre Terminologie fest.</translation>
        </message>
        <message>
            <source>None of the {count} segments of {name} has the terminology of Right lung, Left lung, Airways; set it by double-clicking the segment's colour.</source>
            <translation>Keines der {count} Segmente von {name} hat die Terminologie von rechter Lunge, linker Lunge oder Atemwegen; legen Sie sie mit einem Doppelklick auf die Farbe des Segments fest.</translation>
        </message>
        <message>
            <source>Slicer's DICOM database did not take the objects; the files were written all the same: add them in the module DICOM.</source>
            <translation>Slicers DICOM-Datenbank hat die Objekte nicht aufgenommen; die Dateien wurden trotzdem geschrieben: Fügen Sie sie im Modul „DICOM“ hinzu.</translation>
        </message>
        <message>
            <source>The axes of the volume {name} are not perpendicular (sheared, as with a tilted gantry or a shearing transform); resample it to a rectangular grid first (module Resample Scalar/Vector/DWI Volume).</source>
            <translation>Die Achsen des Volumens {name} stehen nicht senkrecht aufeinander (geschert, wie bei gekippter Gantry oder einer scherenden Transformation); tasten Sie es zuerst auf einem rechtwinkligen Gitter neu ab (Modul „Resample Scalar/Vector/DWI Volume“).</translation>
        </message>
        <message>
            <source>The folder {folder} already holds {files}; allow to replace them, or choose another folder.</source>
            <translation>Der Ordner {folder} enthält bereits {files}; erlauben Sie, sie zu ersetzen, oder wählen Sie einen anderen Ordner.</translation>
        </message>
        <message>
            <source>The lungs of {name} hold no voxel within {other}; choose the reference that belongs to this volume.</source>
            <translation>Die Lungen von {name} enthalten kein Voxel in {other}; wählen Sie die Referenz, die zu diesem Volumen gehört.</translation>
        </message>
        <message>
            <source>The method {method} has no probabilities; choose the method network.</source>
            <translation>Das Verfahren {method} hat keine Wahrscheinlichkeiten; wählen Sie das Verfahren „Netz“.</translation>
        </message>
        <message>
            <source>The network {name} cannot be read ({reason}); install it again.</source>
            <translation>Das Netz {name} lässt sich nicht lesen ({reason}); installieren Sie es neu.</translation>
        </message>
        <message>
            <source>The network {name} cannot be started: {reason}.</source>
            <translation>Das Netz {name} lässt sich nicht starten: {reason}.</translation>
        </message>
        <message>
            <source>The network {name} has the SHA-256 {found_sum}; its card says {card_sum}: install both again.</source>
            <translation>Das Netz {name} hat die SHA-256 {found_sum}; seine Karte nennt {card_sum}: Installieren Sie beide neu.</translation>
        </message>
        <message>
            <source>The network {name} needs ONNX Runtime, which is not installed; install it in the section Advanced, or choose another network there.</source>
            <translation>Das Netz {name} braucht ONNX Runtime, das nicht installiert ist; installieren Sie es im Abschnitt „Erweitert“ oder wählen Sie dort ein anderes Netz.</translation>
        </message>
        <message>
            <source>The network {name} of the card {card} is not there; put it beside the card.</source>
            <translation>Das Netz {name} der Karte {card} ist nicht vorhanden; legen Sie es neben die Karte.</translation>
        </message>
        <message>
            <source>The output folder {folder} cannot be made ({reason}); give a folder that you may write to.</source>
            <translation>Der Ausgabeordner {folder} lässt sich nicht anlegen ({reason}); wählen Sie einen Ordner, in den Sie schreiben dürfen.</translation>
        </message>
        <message>
            <source>The output folder {folder} cannot be written ({reason}); give a folder that you may write to.</source>
            <translation>In den Ausgabeordner {folder} lässt sich nicht schreiben ({reason}); wählen Sie einen Ordner, in den Sie schreiben dürfen.</translation>
        </message>
        <message>
            <source>The region of interest {name} has no size; draw a box around what is meant.</source>
            <translation>Der Bereich {name} hat keine Größe; zeichnen Sie einen Quader um das, was gemeint ist.</translation>
        </message>
        <message>
            <source>The segment {name} has no binary label map; create one in the module Segmentations.</source>
            <translation>Das Segment {name} hat keine binäre Labelmap; legen Sie im Modul „Segmentations“ eine an.</translation>
        </message>
        <message>
            <source>The segmentation failed ({error}: {reason}).</source>
            <translation>Die Segmentierung ist fehlgeschlagen ({error}: {reason}).</translation>
        </message>
        <message>
            <source>The segmentation process could not be spoken to ({reason}); try again.</source>
            <translation>Der Segmentierungsprozess war nicht ansprechbar ({reason}); versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>The segmentation process ended unexpectedly (exit code {code}), perhaps for want of memory; close other data and try again.</source>
            <translation>Der Segmentierungsprozess endete unerwartet (Exit-Code {code}), vielleicht aus Speichermangel; schließen Sie andere Daten und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>The segmentation process ended unexpectedly (it crashed or was killed), perhaps for want of memory; close other data and try again.</source>
            <translation>Der Segmentierungsprozess endete unerwartet (er ist abgestürzt oder wurde beendet), vielleicht aus Speichermangel; schließen Sie andere Daten und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>The segmentation process {file} could not be started ({reason}); check that Slicer is installed whole.</source>
            <translation>Der Segmentierungsprozess {file} ließ sich nicht starten ({reason}); prüfen Sie, ob Slicer vollständig installiert ist.</translation>
        </message>
        <message>
            <source>The segmentation {name} is kept as {representation}; make 'Binary labelmap' its source representation (module Segmentations), or choose a new segmentation.</source>
            <translation>Die Segmentierung {name} liegt als {representation} vor; machen Sie 'Binary labelmap' zu ihrer Quelldarstellung (Modul „Segmentations“) oder wählen Sie eine neue Segmentierung.</translation>
        </message>
        <message>
            <source>The segmentation {name} was chosen as its own reference; choose another reference.</source>
            <translation>Die Segmentierung {name} wurde als ihre eigene Referenz gewählt; wählen Sie eine andere Referenz.</translation>
        </message>
        <message>
            <source>The temporary folder {folder} cannot be written ({reason}); choose another one in the settings.</source>
            <translation>In den temporären Ordner {folder} lässt sich nicht schreiben ({reason}); wählen Sie in den Einstellungen einen anderen.</translation>
        </message>
        <message>
            <source>The volume {name} has no voxels; load or choose a CT.</source>
            <translation>Das Volumen {name} hat keine Voxel; laden oder wählen Sie ein CT.</translation>
        </message>
        <message>
            <source>The volume {name} has the voxel spacing {spacing} mm; each must be larger than 0.</source>
            <translation>Das Volumen {name} hat den Voxelabstand {spacing} mm; jeder muss größer als 0 sein.</translation>
        </message>
        <message>
            <source>The volume {name} has {count} values per voxel; choose a volume with one value per voxel.</source>
            <translation>Das Volumen {name} hat {count} Werte je Voxel; wählen Sie ein Volumen mit einem Wert je Voxel.</translation>
        </message>
        <message>
            <source>The volume {name} holds values that are NaN or infinite; fill them with air (-1000 HU) first.</source>
            <translation>Das Volumen {name} enthält Werte, die keine Zahl (NaN) oder unendlich sind; füllen Sie sie zuerst mit Luft (-1000 HE).</translation>
        </message>
        <message>
            <source>The volume {name} is a label map; choose a CT in Hounsfield units.</source>
            <translation>Das Volumen {name} ist eine Labelmap; wählen Sie ein CT in Hounsfield-Einheiten.</translation>
        </message>
        <message>
            <source>The volume {name} was removed while it was segmented; the result was discarded.</source>
            <translation>Das Volumen {name} wurde entfernt, während es segmentiert wurde; das Ergebnis wurde verworfen.</translation>
        </message>
        <message>
            <source>The voxel spacing is {spacing} mm (slice, row, column); each must lie in {smallest} to {largest} mm.</source>
            <translation>Der Voxelabstand beträgt {spacing} mm (Schicht, Zeile, Spalte); jeder muss zwischen {smallest} und {largest} mm liegen.</translation>
        </message>
        <message>
            <source>The voxels of {name} changed while they were handed over; try again.</source>
            <translation>Die Voxel von {name} haben sich bei der Übergabe geändert; versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>There is no method {method}; choose one of: {known}.</source>
            <translation>Das Verfahren {method} gibt es nicht; wählen Sie eines von: {known}.</translation>
        </message>
        <message>
            <source>There is no network {name}; expected one of {known}, or the path of a card NAME.json (folders searched: {folders}).</source>
            <translation>Das Netz {name} gibt es nicht; erwartet wird eines von {known} oder der Pfad einer Karte NAME.json (durchsuchte Ordner: {folders}).</translation>
        </message>
        <message>
            <source>There is not enough memory for this scan; close other data, or crop the volume.</source>
            <translation>Der Speicher reicht für diese Aufnahme nicht; schließen Sie andere Daten oder schneiden Sie das Volumen zu.</translation>
        </message>
        <message>
            <source>{file} could not be written ({reason}); free some space or choose another folder.</source>
            <translation>{file} ließ sich nicht schreiben ({reason}); schaffen Sie Platz oder wählen Sie einen anderen Ordner.</translation>
        </message>
        <message>
            <source>{file} could not be written ({reason}); free some space or give another output folder.</source>
            <translation>{file} ließ sich nicht schreiben ({reason}); schaffen Sie Platz oder wählen Sie einen anderen Ausgabeordner.</translation>
        </message>
        <message>
            <source>{file} could not be written into the temporary folder {folder} ({reason}); free some space.</source>
            <translation>{file} ließ sich nicht in den temporären Ordner {folder} schreiben ({reason}); schaffen Sie Platz.</translation>
        </message>
        <message>
            <source>{file} was not written to its end; is the disk full?</source>
            <translation>{file} wurde nicht bis zum Ende geschrieben; ist der Datenträger voll?</translation>
        </message>
        <message>
            <source>{file}, a slice of the scan, is not there any more; DICOM objects refer to it: read the scan again.</source>
            <translation>{file}, eine Schicht der Aufnahme, ist nicht mehr vorhanden; DICOM-Objekte verweisen darauf: Laden Sie die Aufnahme neu.</translation>
        </message>
        <message>
            <source>{name} has 1 axial slice; the method {method} needs a volume of at least {fewest}.</source>
            <translation>{name} hat 1 axiale Schicht; das Verfahren {method} braucht ein Volumen mit mindestens {fewest}.</translation>
        </message>
        <message>
            <source>{name} has no value of {lowest} or more; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.</source>
            <translation>{name} hat keinen Wert ab {lowest}; erwartet wird ein CT in Hounsfield-Einheiten, mit Luft nahe -1000 und Weichgewebe nahe 0 bis 100.</translation>
        </message>
        <message>
            <source>{name} has the same value {value} everywhere; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.</source>
            <translation>{name} hat überall denselben Wert {value}; erwartet wird ein CT in Hounsfield-Einheiten, mit Luft nahe -1000 und Weichgewebe nahe 0 bis 100.</translation>
        </message>
        <message>
            <source>{name} has values from {low} to {high} and hardly any above {limit}, so no body; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.</source>
            <translation>{name} hat Werte von {low} bis {high} und kaum welche über {limit}, also keinen Körper; erwartet wird ein CT in Hounsfield-Einheiten, mit Luft nahe -1000 und Weichgewebe nahe 0 bis 100.</translation>
        </message>
        <message>
            <source>{name} has values from {low} to {high} and hardly any below {limit}, so no air; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.</source>
            <translation>{name} hat Werte von {low} bis {high} und kaum welche unter {limit}, also keine Luft; erwartet wird ein CT in Hounsfield-Einheiten, mit Luft nahe -1000 und Weichgewebe nahe 0 bis 100.</translation>
        </message>
        <message>
            <source>{name} has values from {low} to {high} with air near 0 and soft tissue near 1000: stored values to which the rescale intercept (mostly -1024) was not applied; apply it (HU = slope * stored value + intercept) and try again.</source>
            <translation>{name} hat Werte von {low} bis {high} mit Luft nahe 0 und Weichgewebe nahe 1000: gespeicherte Werte, auf die der Achsenabschnitt (RescaleIntercept, meist -1024) nicht angewandt wurde; wenden Sie ihn an (HE = Steigung * Wert + Achsenabschnitt) und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>{name} has values from {low} to {high}, like a picture or a label map; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.</source>
            <translation>{name} hat Werte von {low} bis {high}, wie ein Foto oder eine Labelmap; erwartet wird ein CT in Hounsfield-Einheiten, mit Luft nahe -1000 und Weichgewebe nahe 0 bis 100.</translation>
        </message>
        <message>
            <source>{name} has {count} axial slices; the method {method} needs a volume of at least {fewest}.</source>
            <translation>{name} hat {count} axiale Schichten; das Verfahren {method} braucht ein Volumen mit mindestens {fewest}.</translation>
        </message>
        <message>
            <source>{name} is {width} m wide, {depth} m deep and {length} m long; a CT of a person is at most {widest} m across and {longest} m long: its voxel spacing must be wrong.</source>
            <translation>{name} ist {width} m breit, {depth} m tief und {length} m lang; das CT eines Menschen ist höchstens {widest} m breit und {longest} m lang: Der Voxelabstand muss falsch sein.</translation>
        </message>
        <message>
            <source>{name} shows no sequence; choose a volume of a 4D scan, or segment it as it is.</source>
            <translation>{name} zeigt keine Sequenz; wählen Sie ein Volumen einer 4D-Aufnahme oder segmentieren Sie es, wie es ist.</translation>
        </message>
        <message>
            <source>{name} was chosen as CT; choose a scalar volume.</source>
            <translation>{name} wurde als CT gewählt; wählen Sie ein Skalarvolumen.</translation>
        </message>
        <message>
            <source>{name} was made of frame {number} of {count} ({index}) of {other}, which now shows {shown}; choose that frame (module Sequences), or segment this one.</source>
            <translation>{name} gehört zu Zeitpunkt {number} von {count} ({index}) von {other}; angezeigt wird jetzt: {shown}. Wählen Sie jenen Zeitpunkt (Modul „Sequences“) oder segmentieren Sie diesen.</translation>
        </message>
        <message>
            <source>{name} was read from {kind}; DICOM objects refer to the images that they were made from: give the DICOM series, or take segmentation.seg.nrrd.</source>
            <translation>{name} wurde aus {kind} gelesen; DICOM-Objekte verweisen auf die Bilder, aus denen sie gemacht wurden: Laden Sie die DICOM-Serie oder nehmen Sie die Datei .seg.nrrd.</translation>
        </message>
        <message>
            <source>{name} was removed meanwhile; the result was discarded.</source>
            <translation>{name} wurde inzwischen entfernt; das Ergebnis wurde verworfen.</translation>
        </message>
        <message>
            <source>{packages} could not be installed (is this computer online? the Python console says more); {advice} later.</source>
            <translation>{packages} ließ sich nicht installieren (ist dieser Rechner online? die Python-Konsole sagt mehr); {advice} später.</translation>
        </message>
        <message>
            <source>{packages} is still missing after the installation; restart Slicer and try again.</source>
            <translation>{packages} fehlt auch nach der Installation; starten Sie Slicer neu und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>{packages} was not installed; {advice}.</source>
            <translation>{packages} wurde nicht installiert; {advice}.</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Findings</name>
        <message>
            <source>A large part of the left lung was taken for vessels: consolidation or scars may be among them, and all figures of vessels are too large there.</source>
            <translation>Ein großer Teil der linken Lunge wurde für Gefäße gehalten: Konsolidierung oder Narben können darunter sein, und alle Maße der Gefäße sind dort zu groß.</translation>
        </message>
        <message>
            <source>A large part of the right lung was taken for vessels: consolidation or scars may be among them, and all figures of vessels are too large there.</source>
            <translation>Ein großer Teil der rechten Lunge wurde für Gefäße gehalten: Konsolidierung oder Narben können darunter sein, und alle Maße der Gefäße sind dort zu groß.</translation>
        </message>
        <message>
            <source>A part of one lung lies on the other side, apart from its own: it may belong to the other lung.</source>
            <translation>Ein Teil einer Lunge liegt getrennt von ihr auf der anderen Seite: Er gehört vielleicht zur anderen Lunge.</translation>
        </message>
        <message>
            <source>Aerated lung was left out.</source>
            <translation>Belüftete Lunge wurde ausgelassen.</translation>
        </message>
        <message>
            <source>Aerated tissue was left out: lung, or bowel.</source>
            <translation>Lufthaltiges Gewebe wurde ausgelassen: Lunge oder Darm.</translation>
        </message>
        <message>
            <source>Air is not near -1000 HU: densities are shifted.</source>
            <translation>Luft liegt nicht bei -1000 HE: Die Dichten sind verschoben.</translation>
        </message>
        <message>
            <source>Dense tissue was left out that the network takes for lung.</source>
            <translation>Dichtes Gewebe, das das Netz für Lunge hält, wurde ausgelassen.</translation>
        </message>
        <message>
            <source>Dense tissue was taken for lung and nothing else speaks for it: consolidation, a tumour, or tissue beside the lung such as the aorta, the heart, a hernia, the diaphragm or the chest wall.</source>
            <translation>Dichtes Gewebe wurde für Lunge gehalten, und nichts anderes spricht dafür: Konsolidierung, Tumor oder Gewebe neben der Lunge wie Aorta, Herz, Hernie, Zwerchfell oder Brustwand.</translation>
        </message>
        <message>
            <source>Fat and the aorta may have been taken for lung.</source>
            <translation>Fett und die Aorta wurden vielleicht für Lunge gehalten.</translation>
        </message>
        <message>
            <source>Fat may have been taken for lung.</source>
            <translation>Fett wurde vielleicht für Lunge gehalten.</translation>
        </message>
        <message>
            <source>Look at the image and correct its header.</source>
            <translation>Sehen Sie sich das Bild an und berichtigen Sie seinen Header.</translation>
        </message>
        <message>
            <source>No left lung was found: removed, without air, or missed.</source>
            <translation>Keine linke Lunge wurde gefunden: Sie wurde entfernt, ist ohne Luft oder wurde übersehen.</translation>
        </message>
        <message>
            <source>No right and no left lung was found: removed, without air, or missed.</source>
            <translation>Weder rechte noch linke Lunge wurde gefunden: Sie wurden entfernt, sind ohne Luft oder wurden übersehen.</translation>
        </message>
        <message>
            <source>No right lung was found: removed, without air, or missed.</source>
            <translation>Keine rechte Lunge wurde gefunden: Sie wurde entfernt, ist ohne Luft oder wurde übersehen.</translation>
        </message>
        <message>
            <source>Only what lies inside the region of interest {name} was kept, which holds {share} % of the lungs: volumes, densities and all other figures are of that part alone, and its cut faces count as surface.</source>
            <translation>Nur was im Bereich {name} liegt, wurde behalten; er enthält {share} % der Lungen: Volumina, Dichten und alle anderen Zahlen gelten nur für diesen Teil, und seine Schnittflächen zählen zur Oberfläche.</translation>
        </message>
        <message>
            <source>Only what lies inside the region of interest {name} was kept: volumes, densities and all other figures are of that part alone, and its cut faces count as surface.</source>
            <translation>Nur was im Bereich {name} liegt, wurde behalten: Volumina, Dichten und alle anderen Zahlen gelten nur für diesen Teil, und seine Schnittflächen zählen zur Oberfläche.</translation>
        </message>
        <message>
            <source>Part of the airways is as dense as lung: they may have leaked into it.</source>
            <translation>Ein Teil der Atemwege ist so dicht wie Lunge: Vielleicht sind sie in die Lunge ausgelaufen.</translation>
        </message>
        <message>
            <source>Right and left lung touch far from the midline: the border between them may be misplaced.</source>
            <translation>Rechte und linke Lunge berühren sich weit von der Mittellinie: Die Grenze zwischen ihnen liegt vielleicht falsch.</translation>
        </message>
        <message>
            <source>Slice {places}.</source>
            <translation>Schicht {places}.</translation>
        </message>
        <message>
            <source>Soft tissue lies outside the left lung where the right side has lung: consolidation or a mass may be missing, or there is an effusion or a deformed chest.</source>
            <translation>Außerhalb der linken Lunge liegt Weichgewebe, wo die rechte Seite Lunge hat: Vielleicht fehlt eine Konsolidierung oder Raumforderung, oder es liegt ein Erguss oder eine Thoraxdeformität vor.</translation>
        </message>
        <message>
            <source>Soft tissue lies outside the right lung where the left side has lung: consolidation or a mass may be missing, or there is an effusion or a deformed chest.</source>
            <translation>Außerhalb der rechten Lunge liegt Weichgewebe, wo die linke Seite Lunge hat: Vielleicht fehlt eine Konsolidierung oder Raumforderung, oder es liegt ein Erguss oder eine Thoraxdeformität vor.</translation>
        </message>
        <message>
            <source>Soft tissue with lung around it was left out: consolidation or a mass may be missing.</source>
            <translation>Weichgewebe, um das herum Lunge liegt, wurde ausgelassen: Vielleicht fehlt eine Konsolidierung oder Raumforderung.</translation>
        </message>
        <message>
            <source>The airways are too large: they may have leaked into the lung, or the trachea is wide.</source>
            <translation>Die Atemwege sind zu groß: Vielleicht sind sie in die Lunge ausgelaufen, oder die Trachea ist weit.</translation>
        </message>
        <message>
            <source>The aorta and fat may have been taken for lung.</source>
            <translation>Die Aorta und Fett wurden vielleicht für Lunge gehalten.</translation>
        </message>
        <message>
            <source>The aorta may have been taken for lung.</source>
            <translation>Die Aorta wurde vielleicht für Lunge gehalten.</translation>
        </message>
        <message>
            <source>The header does not fit the anatomy: {faults}.</source>
            <translation>Der Header passt nicht zur Anatomie: {faults}.</translation>
        </message>
        <message>
            <source>The header may not fit the anatomy: {doubt}.</source>
            <translation>Der Header passt vielleicht nicht zur Anatomie: {doubt}.</translation>
        </message>
        <message>
            <source>The header says so: contrast medium was given, which raises lung density.</source>
            <translation>Laut Header wurde Kontrastmittel gegeben, das die Lungendichte erhöht.</translation>
        </message>
        <message>
            <source>The heart is bright: contrast medium was given, which raises lung density.</source>
            <translation>Das Herz ist hell: Kontrastmittel wurde gegeben, das die Lungendichte erhöht.</translation>
        </message>
        <message>
            <source>The left lung is unusually small beside the other: collapse, resection, a raised diaphragm, or missed disease.</source>
            <translation>Die linke Lunge ist neben der anderen ungewöhnlich klein: Kollaps, Resektion, Zwerchfellhochstand oder übersehene Erkrankung.</translation>
        </message>
        <message>
            <source>The lungs are cut at {places} of the image: volumes are too small.</source>
            <translation>Das Bild schneidet die Lungen ab: {places}. Die Volumina sind zu klein.</translation>
        </message>
        <message>
            <source>The lungs are dense and the trachea bows inwards: the scan may be in expiration, or both are diseased.</source>
            <translation>Die Lungen sind dicht, und die Trachea wölbt sich nach innen: Vielleicht wurde in Exspiration aufgenommen, oder beide sind erkrankt.</translation>
        </message>
        <message>
            <source>The lungs are dense: the scan may be in expiration, or both are diseased.</source>
            <translation>Die Lungen sind dicht: Vielleicht wurde in Exspiration aufgenommen, oder beide sind erkrankt.</translation>
        </message>
        <message>
            <source>The lungs are unusually large for an adult.</source>
            <translation>Die Lungen sind für Erwachsene ungewöhnlich groß.</translation>
        </message>
        <message>
            <source>The lungs are unusually small for an adult.</source>
            <translation>Die Lungen sind für Erwachsene ungewöhnlich klein.</translation>
        </message>
        <message>
            <source>The lungs hold {found}: stomach, bowel or airways may have been taken for lung.</source>
            <translation>Die Lungen enthalten {found}: Magen, Darm oder Atemwege wurden vielleicht für Lunge gehalten.</translation>
        </message>
        <message>
            <source>The network does not take a part of the lungs for lung.</source>
            <translation>Einen Teil der Lungen hält das Netz nicht für Lunge.</translation>
        </message>
        <message>
            <source>The network is unsure of {percent} % of the lungs' dense tissue, in small pieces.</source>
            <translation>Das Netz ist bei {percent} % des dichten Gewebes der Lungen unsicher, in kleinen Stücken.</translation>
        </message>
        <message>
            <source>The network is unsure whether dense tissue belongs to the lungs.</source>
            <translation>Das Netz ist unsicher, ob dichtes Gewebe zu den Lungen gehört.</translation>
        </message>
        <message>
            <source>The right lung is unusually small beside the other: collapse, resection, a raised diaphragm, or missed disease.</source>
            <translation>Die rechte Lunge ist neben der anderen ungewöhnlich klein: Kollaps, Resektion, Zwerchfellhochstand oder übersehene Erkrankung.</translation>
        </message>
        <message>
            <source>The scan is very noisy: the lungs' border is ragged, and emphysema indices are too high.</source>
            <translation>Die Aufnahme ist stark verrauscht: Der Lungenrand ist ausgefranst, und Emphysem-Indizes sind zu hoch.</translation>
        </message>
        <message>
            <source>The slices are far apart: small structures and densities at borders are blurred.</source>
            <translation>Die Schichten liegen weit auseinander: Kleine Strukturen und Dichten an Rändern sind verwischt.</translation>
        </message>
        <message>
            <source>The trachea was not found or only in part: its air may be counted as lung.</source>
            <translation>Die Trachea wurde nicht oder nur teilweise gefunden: Ihre Luft zählt vielleicht zur Lunge.</translation>
        </message>
        <message>
            <source>What is called the left lung lies on the patient's right: the sides are exchanged, or the image is mirrored.</source>
            <translation>Die als linke Lunge bezeichnete Lunge liegt rechts im Patienten: Die Seiten sind vertauscht, oder das Bild ist gespiegelt.</translation>
        </message>
        <message>
            <source>What is called the right lung lies on the patient's left: the sides are exchanged, or the image is mirrored.</source>
            <translation>Die als rechte Lunge bezeichnete Lunge liegt links im Patienten: Die Seiten sind vertauscht, oder das Bild ist gespiegelt.</translation>
        </message>
        <message>
            <source>{volume} L of air without lung structure on the left, around slice {slice}: pneumothorax or giant bulla.</source>
            <translation>{volume} L Luft ohne Lungenstruktur links, um Schicht {slice}: Pneumothorax oder Riesenbulla.</translation>
        </message>
        <message>
            <source>{volume} L of air without lung structure on the right, around slice {slice}: pneumothorax or giant bulla.</source>
            <translation>{volume} L Luft ohne Lungenstruktur rechts, um Schicht {slice}: Pneumothorax oder Riesenbulla.</translation>
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
            <source>Ask network</source>
            <translation>Netz fragen</translation>
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
            <source>the checks name large pieces that only the network or only the method takes for lung</source>
            <translation>Die Prüfungen nennen große Stücke, die nur das Netz oder nur das Verfahren für Lunge hält</translation>
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
        <name>LungSegmentation.Packages</name>
        <message>
            <source>image processing of the method threshold</source>
            <translation>Bildverarbeitung des Verfahrens Schwelle und Umrisse</translation>
        </message>
        <message>
            <source>runs the network in less time</source>
            <translation>rechnet das Netz in weniger Zeit</translation>
        </message>
        <message>
            <source>writes Excel workbooks</source>
            <translation>schreibt Excel-Arbeitsmappen</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Phrases</name>
        <message>
            <source> and </source>
            <translation> und </translation>
        </message>
        <message>
            <source>; and </source>
            <translation>; und </translation>
        </message>
        <message>
            <source>air that does not hang together with them</source>
            <translation>Luft ohne Zusammenhang mit ihnen</translation>
        </message>
        <message>
            <source>an image without its DICOM files</source>
            <translation>einem Bild ohne seine DICOM-Dateien</translation>
        </message>
        <message>
            <source>back</source>
            <translation>hinten</translation>
        </message>
        <message>
            <source>bottom</source>
            <translation>unten</translation>
        </message>
        <message>
            <source>choose another method than {method}, or allow the installation</source>
            <translation>wählen Sie ein anderes Verfahren als {method} oder erlauben Sie die Installation</translation>
        </message>
        <message>
            <source>edge of the round field of view</source>
            <translation>am Rand des runden Messfelds</translation>
        </message>
        <message>
            <source>export CSV files, or allow the installation</source>
            <translation>exportieren Sie CSV-Dateien oder erlauben Sie die Installation</translation>
        </message>
        <message>
            <source>feet</source>
            <translation>Füße</translation>
        </message>
        <message>
            <source>frame {number} of {count} ({index})</source>
            <translation>Zeitpunkt {number} von {count} ({index})</translation>
        </message>
        <message>
            <source>front</source>
            <translation>vorn</translation>
        </message>
        <message>
            <source>front and back are exchanged: the spine lies where the header says front</source>
            <translation>Vorn und hinten sind vertauscht: Die Wirbelsäule liegt, wo im Header „vorn“ steht</translation>
        </message>
        <message>
            <source>gas under them</source>
            <translation>Gas unter ihnen</translation>
        </message>
        <message>
            <source>head</source>
            <translation>Kopf</translation>
        </message>
        <message>
            <source>head and feet look exchanged: the windpipe enters the lungs from the end that the header calls the feet</source>
            <translation>Kopf und Füße scheinen vertauscht: Die Luftröhre tritt von dem Ende her in die Lungen ein, an dem im Header „Füße“ steht</translation>
        </message>
        <message>
            <source>in one of the two</source>
            <translation>in einer von beiden</translation>
        </message>
        <message>
            <source>in the reference</source>
            <translation>in der Referenz</translation>
        </message>
        <message>
            <source>in the segmentation</source>
            <translation>in der Segmentierung</translation>
        </message>
        <message>
            <source>left</source>
            <translation>links</translation>
        </message>
        <message>
            <source>no sequence</source>
            <translation>keine Sequenz</translation>
        </message>
        <message>
            <source>right</source>
            <translation>rechts</translation>
        </message>
        <message>
            <source>slice {slice}</source>
            <translation>Schicht {slice}</translation>
        </message>
        <message>
            <source>slices without a measurement in the middle</source>
            <translation>an Schichten ohne Messung in der Mitte</translation>
        </message>
        <message>
            <source>the axes are exchanged: the patient's head lies where the header says {head}, and the back where it says {back}</source>
            <translation>Die Achsen sind vertauscht: Der Kopf des Patienten liegt, wo im Header „{head}“ steht, und der Rücken, wo „{back}“ steht</translation>
        </message>
        <message>
            <source>the back</source>
            <translation>hinten</translation>
        </message>
        <message>
            <source>the bottom</source>
            <translation>unten</translation>
        </message>
        <message>
            <source>the edge of the round field of view</source>
            <translation>am Rand des runden Messfelds</translation>
        </message>
        <message>
            <source>the front</source>
            <translation>vorn</translation>
        </message>
        <message>
            <source>the left edge</source>
            <translation>am linken Rand</translation>
        </message>
        <message>
            <source>the network runs without it; try</source>
            <translation>das Netz läuft auch ohne; versuchen Sie es</translation>
        </message>
        <message>
            <source>the reference</source>
            <translation>der Referenz</translation>
        </message>
        <message>
            <source>the right edge</source>
            <translation>am rechten Rand</translation>
        </message>
        <message>
            <source>the segmentation</source>
            <translation>der Segmentierung</translation>
        </message>
        <message>
            <source>the spine runs from what it calls {start} to {end}</source>
            <translation>Die Wirbelsäule verläuft von dem, was er „{start}“ nennt, zu „{end}“</translation>
        </message>
        <message>
            <source>the top</source>
            <translation>oben</translation>
        </message>
        <message>
            <source>the trachea</source>
            <translation>die Trachea</translation>
        </message>
        <message>
            <source>the two sides mirror each other from what it calls {start} to {end}</source>
            <translation>Die beiden Seiten spiegeln einander von dem, was er „{start}“ nennt, zu „{end}“</translation>
        </message>
        <message>
            <source>top</source>
            <translation>oben</translation>
        </message>
        <message>
            <source>{count} at the lower end</source>
            <translation>{count} am unteren Ende</translation>
        </message>
        <message>
            <source>{count} at the upper end</source>
            <translation>{count} am oberen Ende</translation>
        </message>
        <message>
            <source>{count} between others</source>
            <translation>{count} zwischen anderen</translation>
        </message>
        <message>
            <source>{end} ({area} cm²)</source>
            <translation>{end} ({area} cm²)</translation>
        </message>
        <message>
            <source>{end} ({area} cm², a large part is missing)</source>
            <translation>{end} ({area} cm², ein großer Teil fehlt)</translation>
        </message>
        <message>
            <source>{end} ({area} cm², about {volume} mL are missing)</source>
            <translation>{end} ({area} cm², etwa {volume} ml fehlen)</translation>
        </message>
        <message>
            <source>{volume} mL</source>
            <translation>{volume} ml</translation>
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
        <name>LungSegmentation.Steps</name>
        <message>
            <source>Adding dense disease</source>
            <translation>Dichte Erkrankungen werden ergänzt</translation>
        </message>
        <message>
            <source>Choosing the lungs</source>
            <translation>Lungen werden ausgewählt</translation>
        </message>
        <message>
            <source>Comparing</source>
            <translation>Vergleich läuft</translation>
        </message>
        <message>
            <source>Deciding the border</source>
            <translation>Rand wird bestimmt</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>Drawing the outlines</source>
            <translation>Umrisse werden gezeichnet</translation>
        </message>
        <message>
            <source>Filling vessels and nodules</source>
            <translation>Gefäße und Rundherde werden gefüllt</translation>
        </message>
        <message>
            <source>Finding the airways</source>
            <translation>Atemwege werden gesucht</translation>
        </message>
        <message>
            <source>Finding the body</source>
            <translation>Körper wird gesucht</translation>
        </message>
        <message>
            <source>Finding the differences</source>
            <translation>Unterschiede werden gesucht</translation>
        </message>
        <message>
            <source>Finding the vessels</source>
            <translation>Gefäße werden gesucht</translation>
        </message>
        <message>
            <source>Masking the lungs coarsely</source>
            <translation>Lungen werden grob maskiert</translation>
        </message>
        <message>
            <source>Measured</source>
            <translation>Gemessen</translation>
        </message>
        <message>
            <source>Measuring</source>
            <translation>Messung läuft</translation>
        </message>
        <message>
            <source>Orienting the image</source>
            <translation>Bild wird ausgerichtet</translation>
        </message>
        <message>
            <source>Orienting the result</source>
            <translation>Ergebnis wird ausgerichtet</translation>
        </message>
        <message>
            <source>Recovering dense disease</source>
            <translation>Dichte Erkrankungen werden ergänzt</translation>
        </message>
        <message>
            <source>Reducing the image</source>
            <translation>Bild wird verkleinert</translation>
        </message>
        <message>
            <source>Running the network</source>
            <translation>Netz rechnet</translation>
        </message>
        <message>
            <source>Separating the sides</source>
            <translation>Seiten werden getrennt</translation>
        </message>
        <message>
            <source>Starting the network</source>
            <translation>Netz wird gestartet</translation>
        </message>
        <message>
            <source>Tracking contours</source>
            <translation>Konturen werden verfolgt</translation>
        </message>
        <message>
            <source>Writing DICOM objects</source>
            <translation>DICOM-Objekte werden geschrieben</translation>
        </message>
        <message>
            <source>Writing tables</source>
            <translation>Tabellen werden geschrieben</translation>
        </message>
        <message>
            <source>Writing the report</source>
            <translation>Bericht wird geschrieben</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Tables</name>
        <message>
            <source>Airway branches</source>
            <translation>Atemwegsäste</translation>
        </message>
        <message>
            <source>Airways</source>
            <translation>Atemwege</translation>
        </message>
        <message>
            <source>Chart of area</source>
            <translation>Flächendiagramm</translation>
        </message>
        <message>
            <source>Chart of density</source>
            <translation>Dichtediagramm</translation>
        </message>
        <message>
            <source>Density</source>
            <translation>Dichte</translation>
        </message>
        <message>
            <source>Histogram</source>
            <translation>Histogramm</translation>
        </message>
        <message>
            <source>Limits of low attenuation</source>
            <translation>Grenzen niedriger Dichte</translation>
        </message>
        <message>
            <source>Quality</source>
            <translation>Qualität</translation>
        </message>
        <message>
            <source>Slices</source>
            <translation>Schichten</translation>
        </message>
        <message>
            <source>Vessel branches</source>
            <translation>Gefäßäste</translation>
        </message>
        <message>
            <source>Vessels</source>
            <translation>Gefäße</translation>
        </message>
        <message>
            <source>Volumes</source>
            <translation>Volumen</translation>
        </message>
    </context>
    <context>
        <name>LungSegmentation.Warnings</name>
        <message>
            <source>"left lung" of {whose} lies in the patient's right half, as the anatomy shows it: right and left look exchanged.</source>
            <translation>Die linke Lunge {whose} liegt nach der Anatomie in der rechten Hälfte des Patienten: Rechts und links scheinen vertauscht.</translation>
        </message>
        <message>
            <source>"left lung" of {whose} lies in the patient's right half: right and left look exchanged.</source>
            <translation>Die linke Lunge {whose} liegt in der rechten Hälfte des Patienten: Rechts und links scheinen vertauscht.</translation>
        </message>
        <message>
            <source>"right lung" of {whose} lies in the patient's left half, as the anatomy shows it: right and left look exchanged.</source>
            <translation>Die rechte Lunge {whose} liegt nach der Anatomie in der linken Hälfte des Patienten: Rechts und links scheinen vertauscht.</translation>
        </message>
        <message>
            <source>"right lung" of {whose} lies in the patient's left half: right and left look exchanged.</source>
            <translation>Die rechte Lunge {whose} liegt in der linken Hälfte des Patienten: Rechts und links scheinen vertauscht.</translation>
        </message>
        <message>
            <source>A transform bends the image by up to {distance} mm, and changes volumes by {percent} %: it was segmented and measured in its own voxels, without that.</source>
            <translation>Eine Transformation verbiegt das Bild um bis zu {distance} mm und ändert Volumina um {percent} %: Es wurde ohne sie in seinen eigenen Voxeln segmentiert und gemessen.</translation>
        </message>
        <message>
            <source>Both lungs agree (Dice {both}) but neither side does ({right} and {left}): right and left are exchanged {where}; exchange them there, or name its numbers with a labels map.</source>
            <translation>Beide Lungen stimmen überein (Dice {both}), keine Seite aber für sich ({right} und {left}): Rechts und links sind {where} vertauscht; tauschen Sie sie dort.</translation>
        </message>
        <message>
            <source>How the patient lies could not be told for certain, so the image was taken as its header says: right and left may be wrong; look at the image and correct its header.</source>
            <translation>Die Lage des Patienten ließ sich nicht sicher erkennen, daher gilt der Header: Rechts und links sind vielleicht falsch; sehen Sie sich das Bild an und berichtigen Sie seinen Header.</translation>
        </message>
        <message>
            <source>It broke the process down in its trial run.</source>
            <translation>ONNX Runtime hat im Probelauf den Prozess zum Absturz gebracht.</translation>
        </message>
        <message>
            <source>It failed in its trial run ({error}: {reason}).</source>
            <translation>ONNX Runtime ist im Probelauf gescheitert ({error}: {reason}).</translation>
        </message>
        <message>
            <source>No left lung was found: it may be absent, fully dense, or outside the image.</source>
            <translation>Keine linke Lunge wurde gefunden: Vielleicht fehlt sie, ist ganz verdichtet oder liegt außerhalb des Bildes.</translation>
        </message>
        <message>
            <source>No right lung was found: it may be absent, fully dense, or outside the image.</source>
            <translation>Keine rechte Lunge wurde gefunden: Vielleicht fehlt sie, ist ganz verdichtet oder liegt außerhalb des Bildes.</translation>
        </message>
        <message>
            <source>No trachea was found: airways, if any are in the image, are counted as lung.</source>
            <translation>Es wurde keine Trachea gefunden: Atemwege im Bild, falls vorhanden, zählen zur Lunge.</translation>
        </message>
        <message>
            <source>ONNX Runtime is not installed.</source>
            <translation>ONNX Runtime ist nicht installiert.</translation>
        </message>
        <message>
            <source>The best classical method, because the network {name} is not there.</source>
            <translation>Das beste klassische Verfahren, weil das Netz {name} nicht vorhanden ist.</translation>
        </message>
        <message>
            <source>The default; in ONNX Runtime where it works, else in numpy.</source>
            <translation>Der Standard; in ONNX Runtime, wo es läuft, sonst in numpy.</translation>
        </message>
        <message>
            <source>The edge of the image is filled with {values} HU: it was not measured, and was left out.</source>
            <translation>Der Bildrand ist mit {values} HE gefüllt: Er wurde nicht gemessen und deshalb ausgelassen.</translation>
        </message>
        <message>
            <source>The image does not hold the whole lungs: they are cut at the {ends}; volumes are those of the part shown.</source>
            <translation>Das Bild enthält nicht die ganzen Lungen, abgeschnitten: {ends}; die Volumina gelten für den gezeigten Teil.</translation>
        </message>
        <message>
            <source>The image is only {height} mm high: airways were not looked for, and small outlines were left out.</source>
            <translation>Das Bild ist nur {height} mm hoch: Atemwege wurden nicht gesucht und kleine Umrisse ausgelassen.</translation>
        </message>
        <message>
            <source>The image was turned to segment it; right and left are those of the header and may be exchanged as well: compare them with the heart and the liver.</source>
            <translation>Das Bild wurde zum Segmentieren gedreht; rechts und links stammen aus dem Header und sind vielleicht ebenfalls vertauscht: Vergleichen Sie sie mit Herz und Leber.</translation>
        </message>
        <message>
            <source>The image was turned to segment it; right and left are those of the header, and the heart lies on the left.</source>
            <translation>Das Bild wurde zum Segmentieren gedreht; rechts und links stammen aus dem Header, und das Herz liegt links.</translation>
        </message>
        <message>
            <source>The image was turned to segment it; right and left were taken from the anatomy as it lies, unmirrored: compare them with the heart and the liver.</source>
            <translation>Das Bild wurde zum Segmentieren gedreht; rechts und links stammen ungespiegelt aus der Lage der Anatomie: Vergleichen Sie sie mit Herz und Leber.</translation>
        </message>
        <message>
            <source>The image was turned to segment it; right and left were taken from the anatomy, and the heart lies on the left.</source>
            <translation>Das Bild wurde zum Segmentieren gedreht; rechts und links stammen aus der Anatomie, und das Herz liegt links.</translation>
        </message>
        <message>
            <source>The image was turned to segment it; right and left were taken from the heart, which would lie on the right otherwise: compare them with the liver.</source>
            <translation>Das Bild wurde zum Segmentieren gedreht; rechts und links richten sich nach dem Herzen, das sonst rechts läge: Vergleichen Sie sie mit der Leber.</translation>
        </message>
        <message>
            <source>The left lung ({smaller} mL) is much smaller than the right one ({larger} mL): dense disease, effusion or collapse may be missing from it.</source>
            <translation>Die linke Lunge ({smaller} ml) ist viel kleiner als die rechte ({larger} ml): Vielleicht fehlen ihr dichte Erkrankung, Erguss oder Kollaps.</translation>
        </message>
        <message>
            <source>The network, in numpy: ONNX Runtime, with which it takes less time, is not installed.</source>
            <translation>Das Netz, in numpy: ONNX Runtime, mit dem es schneller ist, ist nicht installiert.</translation>
        </message>
        <message>
            <source>The right lung ({smaller} mL) is much smaller than the left one ({larger} mL): dense disease, effusion or collapse may be missing from it.</source>
            <translation>Die rechte Lunge ({smaller} ml) ist viel kleiner als die linke ({larger} ml): Vielleicht fehlen ihr dichte Erkrankung, Erguss oder Kollaps.</translation>
        </message>
        <message>
            <source>{count} of {total} axial slices ({counts}) hold nothing but {values} HU: they were not measured, and were left out.</source>
            <translation>{count} von {total} axialen Schichten ({counts}) enthalten nur {values} HE: Sie wurden nicht gemessen und deshalb ausgelassen.</translation>
        </message>
        <message>
            <source>{count} voxels lay outside {lowest} to {highest} HU and were clipped.</source>
            <translation>{count} Voxel lagen außerhalb von {lowest} bis {highest} HE und wurden auf diese Grenzen gesetzt.</translation>
        </message>
        <message>
            <source>{percent} % of its labels differ from numpy's for the network {name}.</source>
            <translation>Beim Netz {name} weichen {percent} % der Labels von denen mit numpy ab.</translation>
        </message>
        <message>
            <source>{provider} did not start ({reason}); the network runs on {fallback}.</source>
            <translation>{provider} ist nicht gestartet ({reason}); das Netz läuft mit {fallback}.</translation>
        </message>
        <message>
            <source>{volume} L of air without lung structure on the left was left out of the lung: pneumothorax or giant bulla.</source>
            <translation>{volume} L Luft ohne Lungenstruktur links wurden aus der Lunge ausgelassen: Pneumothorax oder Riesenbulla.</translation>
        </message>
        <message>
            <source>{volume} L of air without lung structure on the right was left out of the lung: pneumothorax or giant bulla.</source>
            <translation>{volume} L Luft ohne Lungenstruktur rechts wurden aus der Lunge ausgelassen: Pneumothorax oder Riesenbulla.</translation>
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
            <source>edited</source>
            <translation>bearbeitet</translation>
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
    <context>
        <name>Run.InstallationQuestion</name>
        <message>
            <source>An Excel workbook needs what Slicer does not have yet:</source>
            <translation>Eine Excel-Arbeitsmappe braucht etwas, das Slicer noch nicht hat:</translation>
        </message>
        <message>
            <source>Download and install it now? This needs the internet, once.</source>
            <translation>Jetzt herunterladen und installieren? Das braucht einmal das Internet.</translation>
        </message>
        <message>
            <source>The method {title} needs what Slicer does not have yet:</source>
            <translation>Das Verfahren {title} braucht etwas, das Slicer noch nicht hat:</translation>
        </message>
        <message>
            <source>The network runs as it is; it takes less time with what Slicer does not have:</source>
            <translation>Das Netz läuft, wie es ist; weniger Zeit braucht es mit etwas, das Slicer nicht hat:</translation>
        </message>
    </context>
</TS>
